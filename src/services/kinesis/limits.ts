/** Bounds of streams; those of single values are in `api.json`, those of `--limits` in src/config/. */
export const kinesisLimits = {
  /** Polling readers of a stream that the console can show: by caller and user agent, the first seen leave first. */
  trackedReadersMax: 200,
  /** Shards of one of them. */
  trackedShardsMax: 1_000,
  /** Of the user agent of one of them. */
  userAgentCharactersMax: 256,
  /** Minimum size of a body or response that a worker thread handles; smaller ones are not worth the transfer. */
  threadBytesMin: 16 * 1024,
  /** Jobs in progress per worker thread; the main thread does the rest. */
  threadJobsMax: 4,
  /** Delay before a worker thread that has failed is started again. */
  threadRestartMs: 1000,
  /** Maximum size of a request: PutRecords with 10 MiB of data in base64, and the rest. */
  bodyBytesMax: 20 * 1024 * 1024,
  /** Data and partition keys of one PutRecords, as on AWS. */
  putRecordsBytesMax: 10 * 1024 * 1024,
  /** Data of one GetRecords response, as on AWS. */
  getRecordsBytesMax: 10 * 1024 * 1024,
  /** Cached hashes of partition keys: between this number and twice as many. */
  hashKeysKept: 8192,
  /** Records of one GetRecords response, as on AWS. */
  getRecordsMax: 10_000,
  /** Default maximum record size of a stream in KiB, as on AWS. */
  recordKiBDefault: 1024,
  /** How long a shard iterator is valid, as on AWS. */
  iteratorLifeMs: 5 * 60_000,
  /** How long a NextToken is valid, as on AWS. */
  nextTokenLifeMs: 5 * 60_000,
  /** Default retention period in hours, as on AWS. */
  retentionDefaultHours: 24,
  /** Maximum retention period in hours, as on AWS. */
  retentionHoursMax: 8760,
  /** How often expired records are freed. */
  retentionSweepMs: 60_000,
  /** Shards of a server, in all streams. */
  shardsMax: 100_000,
  /** Open shards of a stream. */
  streamShardsMax: 10_000,
  /** Shards with which an on-demand stream begins, as on AWS. */
  onDemandShards: 4,
  /** New shards per commit: a larger reshard is done in parts. */
  reshardShardsAtOnce: 500,
  /** Write limit of a shard in bytes, as on AWS; on-demand streams are scaled by it. */
  shardBytesPerSecond: 1024 * 1024,
  /** Write limit of a shard in records, as on AWS; on-demand streams are scaled by it. */
  shardRecordsPerSecond: 1000,
  /** How often the use of on-demand streams' shards is checked. */
  scalingCheckMs: 60_000,
  /** A shard is split when its use exceeds this share of the write limit in `scalingHotChecks` consecutive checks. */
  scalingHotShare: 0.5,
  /** Consecutive checks above `scalingHotShare` before a shard is split. */
  scalingHotChecks: 2,
  /** Adjacent shards are merged when the use of both is below this share in `scalingColdChecks` consecutive checks. */
  scalingColdShare: 0.1,
  /** Consecutive checks below `scalingColdShare` before adjacent shards are merged. */
  scalingColdChecks: 15,
  /** On-demand streams of a server, whatever `--limits` says. */
  onDemandStreamsMax: 1_000_000,
  /** Enhanced fan-out consumers of a stream, as on AWS. */
  consumersMax: 20,
  /** Enhanced fan-out consumers of a stream with On-demand Advantage, as on AWS. */
  advantageConsumersMax: 50,
  /** Channels of a server. */
  channelsMax: 1_000,
  /** Channels of a stream. */
  streamChannelsMax: 20,
  /** Channels of one page of a response. */
  channelsListedMax: 100,
  /** Characters of the reason why a channel cannot deliver. */
  channelReasonCharactersMax: 2048,
  /** Default data freshness of a channel in seconds. */
  channelFreshnessSecondsDefault: 300,
  /** Maximum data freshness of a channel in seconds. */
  channelFreshnessSecondsMax: 900,
  /** Size of a resource policy, as on AWS. */
  policyBytesMax: 20 * 1024,
  /** How long On-demand Advantage stays enabled at least, as on AWS. */
  commitmentMs: 24 * 3_600_000,
  /** How long a SubscribeToShard call lasts, as on AWS. */
  subscriptionMs: 5 * 60_000,
  /** After a successful subscription, the time before the consumer can subscribe to the same shard again. */
  subscriptionTakeoverMs: 5000,
  /** Interval of empty events to an idle subscriber, as on AWS; the AWS SDK for Java gives up after 10 seconds. */
  subscriptionIdleMs: 5_000,
  /** Data of the records of one SubscribeToShard event. */
  subscriptionEventBytesMax: 1024 * 1024,
  /** Delay before a failed change of a stream's state is tried again. */
  lifecycleRetryMs: 1000,
  /** How long the metrics of a deleted stream stay in memory, so that the last samples are collected. */
  metricsReleaseMs: 2 * 60_000,
  /**
   * How long a partially throttled put is remembered, so that a client library's retry is recognized; the same as for
   * idempotency keys.
   */
  partialPutLifeMs: 10 * 60_000,
} as const;
