import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: ['PutRecord', 'PutRecordBatch'],
  hidden: ['PutRecordBatchRequestEntryList', 'HECToken'],
};
