import type { Catalog } from '../../engine/catalog.ts';
import type { RecordRange } from '../../engine/engine.ts';
import { describeBodies } from '../../queue/describe-records.ts';
import { DELIVERIES } from './deliveries.ts';

/** Describes records of a log as published messages. */
export function describeMessages(catalog: Pick<Catalog, 'table'>, records: RecordRange): string | undefined {
  return describeBodies(catalog, DELIVERIES, records, {
    one: 'published message',
    many: 'published messages',
  });
}
