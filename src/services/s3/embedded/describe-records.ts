import type { DescribeRecords } from '../../../engine/engine.ts';
import { STORE_KEY, STORE_TABLE, type StoreRow } from './object-index.ts';

/**
 * Says that records of a log are contents of objects. Which objects, stands in the lost records alone; their rows have
 * checksums, so that reading them tells.
 */
export const describeContents: DescribeRecords = (catalog, { log, count }) => {
  if (catalog.table<StoreRow>(STORE_TABLE).get(STORE_KEY)?.log !== log) return undefined;
  return `${count === 1 ? 'the content of an object' : `${count} contents of objects`} from just before the last stop`;
};
