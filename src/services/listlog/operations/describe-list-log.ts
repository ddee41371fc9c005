import type { ListLogDescription, ListLogName } from '../api-types.ts';
import { describe } from '../describe.ts';
import type { ListLogs } from '../list-logs.ts';

/** What a list log is made of, how far it is, how many lines it wrote, and why it does not get on if it does not. */
export function describeListLog(
  listLogs: ListLogs,
  input: ListLogName,
): { ListLogDescription: ListLogDescription } {
  return { ListLogDescription: describe(listLogs, input.ListLogName) };
}
