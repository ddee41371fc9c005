import type { Catalog } from '../../../engine/catalog.ts';
import type { RecordRange } from '../../../engine/engine.ts';
import { describeBodies } from '../../../queue/describe-records.ts';
import { describeCode } from '../code/code-archive.ts';
import { FAILURE_REPORTS } from '../mapping/failure-reports.ts';
import { ASYNC_EVENTS } from './async-invocations.ts';
import { DESTINATIONS } from './destinations-queue.ts';

const queues = {
  [ASYNC_EVENTS]: { one: 'asynchronous invocation', many: 'asynchronous invocations' },
  [DESTINATIONS]: { one: 'record of an invocation', many: 'records of invocations' },
  [FAILURE_REPORTS]: { one: 'report on discarded records', many: 'reports on discarded records' },
} as const;

/** Describes records of a log as asynchronous invocations, as what goes to their destinations, or as code. */
export function describeRecords(catalog: Pick<Catalog, 'table'>, records: RecordRange): string | undefined {
  for (const [queue, noun] of Object.entries(queues)) {
    const described = describeBodies(catalog, queue, records, noun);
    if (described !== undefined) return described;
  }
  return describeCode(catalog, records);
}
