import type { CreateListLogInput, ListLogDescription } from '../api-types.ts';
import { describe } from '../describe.ts';
import type { ListLogs } from '../list-logs.ts';
import { newListLog } from '../new-list-log.ts';

/**
 * Creates a list log: writes each record of a stream as a line of one object. The stream may be created later; a
 * missing bucket in nagare itself is created. Existing content of the object stays before the first line.
 */
export async function createListLog(
  listLogs: ListLogs,
  input: CreateListLogInput,
): Promise<{ ListLogDescription: ListLogDescription }> {
  await listLogs.create(newListLog(input));
  return { ListLogDescription: describe(listLogs, input.ListLogName) };
}
