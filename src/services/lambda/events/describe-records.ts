import type { Catalog } from '../../../engine/catalog.ts';
import type { LogId, RecordRange } from '../../../engine/engine.ts';

/** Says that records of a log are asynchronous invocations. */
export function describeInvocations(
  catalog: Pick<Catalog, 'table'>,
  { log, count }: RecordRange,
): string | undefined {
  if (catalog.table<{ readonly log: LogId }>('lambda.events').get('log')?.log !== log) return undefined;
  return `${count} ${count === 1 ? 'entry' : 'entries'} of the log of asynchronous invocations of functions`;
}
