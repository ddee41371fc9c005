import type { CreateListLogInput, ListLogDescription } from '../api-types.ts';
import { describe } from '../describe.ts';
import type { ListLogs } from '../list-logs.ts';
import { newListLog } from '../new-list-log.ts';

/**
 * Ties a stream to one object, in which each record becomes a line. The stream may be created later; the bucket is
 * made when it is nagare's own and missing. What the object holds already stays before the first line.
 */
export async function createListLog(
  listLogs: ListLogs,
  input: CreateListLogInput,
): Promise<{ ListLogDescription: ListLogDescription }> {
  await listLogs.create(newListLog(input));
  return { ListLogDescription: describe(listLogs, input.ListLogName) };
}
