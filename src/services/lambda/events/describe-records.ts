import type { Catalog } from '../../../engine/catalog.ts';
import type { RecordRange } from '../../../engine/engine.ts';
import { describeBodies } from '../../../queue/describe-records.ts';
import { ASYNC_EVENTS } from './async-invocations.ts';

/** Describes records of a log as asynchronous invocations. */
export function describeInvocations(
  catalog: Pick<Catalog, 'table'>,
  records: RecordRange,
): string | undefined {
  const noun = { one: 'asynchronous invocation', many: 'asynchronous invocations' };
  return describeBodies(catalog, ASYNC_EVENTS, records, noun);
}
