import type { ListListLogsInput, ListLogDescription } from '../api-types.ts';
import { describe } from '../describe.ts';
import type { ListLogs } from '../list-logs.ts';

const LIMIT_DEFAULT = 100;

/** Returns descriptions of all list logs, ordered by name, in pages. */
export function listListLogs(
  listLogs: ListLogs,
  input: ListListLogsInput,
): { ListLogs: ListLogDescription[]; HasMoreListLogs: boolean } {
  const { Limit: limit = LIMIT_DEFAULT, ExclusiveStartListLogName: after = '' } = input;
  const behind = listLogs.list().filter((row) => row.name > after);
  return {
    ListLogs: behind.slice(0, limit).map((row) => describe(listLogs, row.name)),
    HasMoreListLogs: behind.length > limit,
  };
}
