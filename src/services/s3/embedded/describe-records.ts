import type { DescribeRecords } from '../../../engine/engine.ts';
import { STORE_KEY, STORE_TABLE, type StoreRow } from './object-index.ts';

/**
 * Describes records of the content log. The names of the objects are in the lost records only; reading the objects
 * finds those affected, because their rows have checksums.
 */
export const describeContents: DescribeRecords = (catalog, { log, count }) => {
  if (catalog.table<StoreRow>(STORE_TABLE).get(STORE_KEY)?.log !== log) return undefined;
  return `${count === 1 ? 'the content of an object' : `${count} contents of objects`} from just before the last stop`;
};
