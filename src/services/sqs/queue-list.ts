import { formatArn } from '../../aws/arn.ts';
import type { Catalog, Table } from '../../engine/catalog.ts';
import { queueDoesNotExist } from './errors.ts';
import type { Queue } from './queue.ts';
import { nameInArn, parseRedrivePolicy } from './redrive.ts';

export interface QueueListOptions {
  readonly catalog: Pick<Catalog, 'table'>;
  readonly region: string;
  readonly accountId: string;
}

/** The queues as their rows are. */
export class QueueList {
  protected readonly table: Table<Queue>;
  readonly #place: Pick<QueueListOptions, 'region' | 'accountId'>;

  constructor({ catalog, region, accountId }: QueueListOptions) {
    this.table = catalog.table('sqs.queues');
    this.#place = { region, accountId };
  }

  arnOf(name: string): string {
    return formatArn('sqs', this.#place, name);
  }

  get(name: string): Queue | undefined {
    return this.table.get(name);
  }

  /** Throws QueueDoesNotExist. */
  require(name: string): Queue {
    const queue = this.table.get(name);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  /** The queue with this ARN; the server is one region and account. */
  byArn(arn: string): Queue | undefined {
    const name = nameInArn(arn);
    return name === undefined || this.arnOf(name) !== arn ? undefined : this.table.get(name);
  }

  /** Ordered by name. */
  *all(prefix = ''): Generator<Queue> {
    for (const [, queue] of this.table.entries(prefix)) yield queue;
  }

  /** The queues whose dead-letter queue is this one. */
  *sourcesOf(name: string): Generator<Queue> {
    const arn = this.arnOf(name);
    for (const queue of this.all()) {
      const text = queue.attributes['RedrivePolicy'];
      if (text !== undefined && parseRedrivePolicy(text).deadLetterTargetArn === arn) yield queue;
    }
  }
}
