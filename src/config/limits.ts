/** Bounds of settings. */
export const configLimits = {
  /** Worker threads that the `workers` setting can ask for. */
  workersMax: 64,
  /** Partitions that a range of a delivery stream may be set to have: each is a request to the store. */
  activePartitionsMax: 10_000,
  /** The smallest file of the audit log that can be set: it holds at least one record. */
  auditFileBytesMin: 65_536,
  /** The largest one. */
  auditFileBytesMax: 1_099_511_627_776,
  /** The highest rate per second, or number of connections or streams, that can be set for a caller or an address. */
  rateMax: 1_000_000_000_000,
  /** Files of the audit log that can be kept. */
  auditFilesMax: 1_000,
  /** Size of a file with a password or token for the shared log. */
  secretBytesMax: 65_536,
  /** Copies of the shared log's Kafka topic that can be asked for. */
  kafkaReplicasMax: 9,
  /** Characters of the prefix of a shared log in S3. */
  s3PrefixCharactersMax: 200,
  /** The shortest time that frames of a shared log in S3 wait for others. */
  s3DelayMsMin: 5,
  /** The longest one. */
  s3DelayMsMax: 250,
  /** The one that is used unless another is set. */
  s3DelayMs: 20,
  /** The longest interval that can be set between snapshots of a shared log. */
  snapshotMinutesMax: 10_080,
  /** The largest growth of a shared log, in MiB, that can be set to have a snapshot taken. */
  snapshotMebibytesMax: 10_485_760,
  /** Snapshots that can be set to be kept. */
  snapshotsKeptMax: 100,
  /** The longest time, in hours, for which a shared log can be set to be kept. */
  logRetentionHoursMax: 8760,
  /** The highest rate of a snapshot, in MiB per second, that can be set. */
  snapshotRateMax: 10_000,
  /** The longest time after which another machine can be set to take over. */
  takeOverAfterSecondsMax: 300,
  /** The greatest age of reads at a standby that can be set. */
  standbyReadsSecondsMax: 300,
  /** The shortest interval at which metrics can be exported to an OpenTelemetry collector. */
  otlpIntervalMsMin: 100,
  /** The longest interval, delay or timeout of an export. */
  otlpMsMax: 86_400_000,
  /** Spans that can be set to wait for their export. */
  otlpSpansMax: 65_536,
} as const;
