import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { ListLogs } from '../list-logs.ts';
import { createListLog } from './create-list-log.ts';
import { deleteListLog } from './delete-list-log.ts';
import { describeListLog } from './describe-list-log.ts';
import { listListLogs } from './list-list-logs.ts';

/** Operations of the list log; the compiler checks that the list is complete. */
export const operations = {
  CreateListLog: createListLog,
  DeleteListLog: deleteListLog,
  DescribeListLog: describeListLog,
  ListListLogs: listListLogs,
} satisfies OperationTable<ListLogs, keyof typeof api.operations>;
