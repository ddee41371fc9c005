import type { ListLogName } from '../api-types.ts';
import type { ListLogs } from '../list-logs.ts';

/** Deletes a list log. The object stays, with all its lines. */
export async function deleteListLog(listLogs: ListLogs, input: ListLogName): Promise<object> {
  await listLogs.delete(input.ListLogName);
  return {};
}
