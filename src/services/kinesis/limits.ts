/** Bounds of streams; those of single values are in `api.json`, those of `--limits` in src/config/. */
export const kinesisLimits = {
  /** Smaller bodies and responses are not worth the transfer to another thread. */
  threadBytesMin: 16 * 1024,
  /** For each thread; the main thread does the rest. */
  threadJobsMax: 4,
  threadRestartMs: 1000,
  /** PutRecords with 10 MiB of data as base64, and room for what is around it. */
  bodyBytesMax: 20 * 1024 * 1024,
  putRecordsBytesMax: 10 * 1024 * 1024,
  getRecordsBytesMax: 10 * 1024 * 1024,
  /** Hashes of partition keys that are remembered: between so many and twice as many. */
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
  /** New shards of one commit: a reshard of more is done in parts. */
  reshardShardsAtOnce: 500,
  /** What AWS gives a shard to write; on-demand streams are split by it. */
  shardBytesPerSecond: 1024 * 1024,
  shardRecordsPerSecond: 1000,
  scalingCheckMs: 60_000,
  /** A shard is split when it used more than that share of a shard in so many checks in a row. */
  scalingHotShare: 0.5,
  scalingHotChecks: 2,
  /** Neighbours are merged when both used less than that in so many checks in a row. */
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
  /** After one that succeeded, a consumer can subscribe to a shard again only after that. */
  subscriptionTakeoverMs: 5000,
  /** How long a subscriber is sent nothing, as on AWS; the AWS SDK for Java gives up after 10 seconds. */
  subscriptionIdleMs: 5_000,
  subscriptionEventBytesMax: 1024 * 1024,
  lifecycleRetryMs: 1000,
  metricsReleaseMs: 2 * 60_000,
  /** How long a put that was throttled in part is known, in which a client's library repeats it: as idempotency keys. */
  partialPutLifeMs: 10 * 60_000,
} as const;
