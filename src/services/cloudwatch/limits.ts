/** Bounds of metrics and alarms. */
export const cloudWatchLimits = {
  /** Maximum size of a request, as on AWS. */
  bodyBytesMax: 1024 * 1024,
  /** Samples that the collector takes in one turn of the event loop. */
  metricSamplesPerPage: 2_000,
  /** With more metrics than this per second, samples are taken less often. */
  metricSamplesPerSecond: 5_000,
  /** How often samples in memory are moved to tables on disk. */
  metricFlushIntervalMs: 3_600_000,
  /** Size of the journal at which samples are moved to tables early. */
  metricJournalBytesMax: 32 * 1024 * 1024,
  /** Metrics whose samples are moved to tables in one commit. */
  metricsMovedAtOnce: 256,
  /** Time buckets in memory at which samples are moved to tables early. */
  metricBucketsInMemoryMax: 200_000,
  /** Samples that wait to be stored; further ones are dropped. */
  metricSamplesWaitingMax: 200_000,
  /** Metrics of a server. */
  metricsMax: 200_000,
  /** How old a datum of PutMetricData can be, as on AWS. */
  metricPastMs: 14 * 86_400_000,
  /** How far ahead of the clock a datum of PutMetricData can be, as on AWS. */
  metricFutureMs: 2 * 3_600_000,
  /** How long ListMetrics lists a metric after its last sample, as on AWS. */
  metricListedMs: 14 * 86_400_000,
  /** How often expired buckets of a metric are deleted. */
  metricSweepIntervalMs: 86_400_000,
  /** How long buckets of less than a minute are kept, as on AWS. */
  metricSecondRetentionMs: 3 * 3_600_000,
  /** How long buckets of one minute are kept, as on AWS. */
  metricMinuteRetentionMs: 15 * 86_400_000,
  /** How long buckets of five minutes are kept, as on AWS. */
  metricFiveMinuteRetentionMs: 63 * 86_400_000,
  /** How long buckets of one hour are kept, as on AWS. */
  metricHourRetentionMs: 455 * 86_400_000,
  /** Metrics of one PutMetricData, as on AWS. */
  metricDatumsPerPutMax: 1_000,
  /** Values of one metric in PutMetricData, as on AWS. */
  metricValuesPerDatumMax: 150,
  /** Data points of a GetMetricStatistics response, as on AWS. */
  metricStatisticsDatapointsMax: 1_440,
  /** Data points of a GetMetricData response, as on AWS. */
  metricDataDatapointsMax: 100_800,
  /** Queries of one GetMetricData, as on AWS. */
  metricDataQueriesMax: 500,
  /** Dashboards of a server. */
  dashboardsMax: 1_000,
  /** Widgets of a dashboard, as on AWS. */
  dashboardWidgetsMax: 500,
  /** Problems of a dashboard's body that an error lists. */
  dashboardProblemsMax: 100,
  /** Alarms of a server. */
  alarmsMax: 5_000,
  /** How long after the end of a period its alarms are evaluated, so that late samples count. */
  alarmEvaluationDelayMs: 1_000,
  /** Alarms that are evaluated at the same time. */
  alarmEvaluationsAtOnceMax: 16,
  /** Evaluation rounds that wait for an earlier one; further ones are skipped. */
  alarmRoundsWaitingMax: 12,
  /** Alarm actions that run at the same time. */
  alarmActionsAtOnceMax: 8,
  /** Alarm actions that wait or run. */
  alarmActionsPendingMax: 100_000,
  /** Attempts at an alarm action before it is discarded. */
  alarmActionAttemptsMax: 4,
  /** Delay before an alarm action is first retried; it doubles with each retry. */
  alarmActionRetryMs: 1_000,
  /** History items kept of each alarm. */
  alarmHistoryItemsMax: 500,
  /** How long history items of alarms are kept. */
  alarmHistoryRetentionMs: 30 * 86_400_000,
  /** Maximum of an alarm's period times its evaluation periods, for periods of at least an hour, as on AWS. */
  alarmWindowMs: 7 * 86_400_000,
  /** Maximum of an alarm's period times its evaluation periods, for shorter periods, as on AWS. */
  alarmShortPeriodWindowMs: 86_400_000,
} as const;
