import type { Catalog } from '../../engine/catalog.ts';
import type { RecordRange } from '../../engine/engine.ts';
import { streamsTable } from './rows.ts';

/** Describes the delivery stream of records in a log. */
export function describePutRecords(
  catalog: Pick<Catalog, 'table'>,
  { log, count }: RecordRange,
): string | undefined {
  for (const [name, { source }] of streamsTable(catalog).entries()) {
    if (source.type !== 'DirectPut' || source.log !== log) continue;
    return `delivery stream ${name}, ${count === 1 ? '1 record' : `${count} records`} not delivered yet`;
  }
  return undefined;
}
