/** Bounds of streams; those of single values are in `api.json`, those of `--limits` in src/config/. */
export const kinesisLimits = {
  /** Smaller bodies and responses are not worth the transfer to another thread. */
  threadBytesMin: 16 * 1024,
  /** Jobs per thread; the main thread does the rest. */
  threadJobsMax: 4,
  threadRestartMs: 1000,
  /** PutRecords with 10 MiB of data as base64, and space for the rest of the request. */
  bodyBytesMax: 20 * 1024 * 1024,
  putRecordsBytesMax: 10 * 1024 * 1024,
  getRecordsBytesMax: 10 * 1024 * 1024,
  /** Cached hashes of partition keys: between this number and twice as many. */
  hashKeysKept: 8192,
  getRecordsMax: 10_000,
  recordKiBDefault: 1024,
  iteratorLifeMs: 5 * 60_000,
  nextTokenLifeMs: 5 * 60_000,
  retentionDefaultHours: 24,
  retentionHoursMax: 8760,
  retentionSweepMs: 60_000,
  shardsMax: 100_000,
  streamShardsMax: 10_000,
  onDemandShards: 4,
  /** New shards per commit: a larger reshard is done in parts. */
  reshardShardsAtOnce: 500,
  /** AWS's write limit of a shard; on-demand streams are split by it. */
  shardBytesPerSecond: 1024 * 1024,
  shardRecordsPerSecond: 1000,
  scalingCheckMs: 60_000,
  /** A shard is split when its use exceeded this share in so many consecutive checks. */
  scalingHotShare: 0.5,
  scalingHotChecks: 2,
  /** Neighbours are merged when the use of both was below this share in so many consecutive checks. */
  scalingColdShare: 0.1,
  scalingColdChecks: 15,
  onDemandStreamsMax: 1_000_000,
  consumersMax: 20,
  advantageConsumersMax: 50,
  channelsMax: 1_000,
  streamChannelsMax: 20,
  channelsListedMax: 100,
  channelFreshnessSecondsDefault: 300,
  channelFreshnessSecondsMax: 900,
  policyBytesMax: 20 * 1024,
  commitmentMs: 24 * 3_600_000,
  subscriptionMs: 5 * 60_000,
  /** After a successful subscription, the time before the consumer can subscribe to the same shard again. */
  subscriptionTakeoverMs: 5000,
  /** Interval of empty events to an idle subscriber, as on AWS; the AWS SDK for Java gives up after 10 seconds. */
  subscriptionIdleMs: 5_000,
  subscriptionEventBytesMax: 1024 * 1024,
  lifecycleRetryMs: 1000,
  metricsReleaseMs: 2 * 60_000,
  /**
   * How long a partially throttled put is remembered, so that a client library's retry is recognized; the same as for
   * idempotency keys.
   */
  partialPutLifeMs: 10 * 60_000,
} as const;
