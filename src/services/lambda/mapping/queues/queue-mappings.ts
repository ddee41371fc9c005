import { queueNotFound } from '../errors.ts';
import type { EventSourceMappingsOptions, MappingChange, MappingSource } from '../mapping-source.ts';
import type { QueueMappingRow } from '../mapping-row.ts';
import { QueuePoller } from './queue-poller.ts';

/** Mappings of queues. They store nothing: what is handled is deleted from the queue. */
export class QueueMappings implements MappingSource<QueueMappingRow> {
  readonly #options: EventSourceMappingsOptions;

  constructor(options: EventSourceMappingsOptions) {
    this.#options = options;
  }

  prepare({ queueArn }: QueueMappingRow): Promise<MappingChange> {
    if (this.#options.queues.describe(queueArn) === undefined) throw queueNotFound();
    return Promise.resolve(() => {});
  }

  begin(row: QueueMappingRow, report: (result: string) => Promise<void>): QueuePoller {
    const poller = new QueuePoller(row, this.#options, report);
    poller.start();
    return poller;
  }

  forget(): Promise<MappingChange> {
    return Promise.resolve(() => {});
  }
}
