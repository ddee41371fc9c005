import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: ['GetMetricData', 'GetMetricStatistics', 'PutMetricData'],
  hidden: ['MetricData', 'EntityMetricDataList', 'StateReasonData'],
};
