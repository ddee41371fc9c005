import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: ['GetRecords', 'GetShardIterator', 'PutRecord', 'PutRecords', 'SubscribeToShard'],
  hidden: ['PutRecordsRequestEntryList'],
};
