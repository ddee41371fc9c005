import type { ListLogName } from '../api-types.ts';
import type { ListLogs } from '../list-logs.ts';

/** Stops writing. The object stays, with all lines that were written. */
export async function deleteListLog(listLogs: ListLogs, input: ListLogName): Promise<object> {
  await listLogs.delete(input.ListLogName);
  return {};
}
