import type { ListLogDescription, ListLogName } from '../api-types.ts';
import { describe } from '../describe.ts';
import type { ListLogs } from '../list-logs.ts';

/** Returns a list log's configuration and progress, the number of its lines, and the reason if it cannot continue. */
export function describeListLog(
  listLogs: ListLogs,
  input: ListLogName,
): { ListLogDescription: ListLogDescription } {
  return { ListLogDescription: describe(listLogs, input.ListLogName) };
}
