/**
 * AWS's limits of Kinesis, enforced only when configured (docs/limits.md). From "Quotas and limits" of its developer
 * guide; a megabyte there is 2^20 bytes.
 */
export const awsKinesisLimits = {
  // Of each shard
  shardWriteBytesPerSecond: 1024 * 1024,
  shardWriteRecordsPerSecond: 1_000,
  shardReadBytesPerSecond: 2 * 1024 * 1024,
  shardReadCallsPerSecond: 5,
  /** Per consumer with enhanced fan-out. */
  fanOutBytesPerSecond: 2 * 1024 * 1024,

  // Of each stream
  consumersPerStream: 20,
  /** In any 24 hours. */
  shardCountUpdatesPerDay: 10,
  modeUpdatesPerDay: 2,

  // Of the account
  /** For provisioned streams in us-east-1, us-west-2 and eu-west-1. */
  shardsPerAccount: 20_000,
  onDemandStreams: 50,
  streamsCreatingAtOnce: 5,
  consumersCreatingAtOnce: 5,

  callsPerSecond: {
    AddTagsToStream: 5,
    CreateChannel: 5,
    CreateStream: 5,
    DecreaseStreamRetentionPeriod: 5,
    DeleteChannel: 5,
    DeleteResourcePolicy: 5,
    DeleteStream: 5,
    DeregisterStreamConsumer: 5,
    DescribeAccountSettings: 5,
    DescribeChannel: 5,
    DescribeLimits: 1,
    DescribeStream: 10,
    DescribeStreamConsumer: 20,
    DescribeStreamSummary: 20,
    DisableEnhancedMonitoring: 5,
    EnableEnhancedMonitoring: 5,
    GetResourcePolicy: 5,
    GetShardIterator: 5,
    IncreaseStreamRetentionPeriod: 5,
    ListChannels: 5,
    ListShards: 1_000,
    ListStreamConsumers: 5,
    ListStreams: 5,
    ListTagsForResource: 5,
    ListTagsForStream: 5,
    MergeShards: 5,
    PutResourcePolicy: 5,
    RegisterStreamConsumer: 5,
    RemoveTagsFromStream: 5,
    SplitShard: 5,
    StartStreamEncryption: 5,
    StopStreamEncryption: 5,
    SubscribeToShard: 5,
    TagResource: 5,
    UntagResource: 5,
    UpdateAccountSettings: 5,
    UpdateChannel: 5,
    UpdateMaxRecordSize: 5,
    UpdateShardCount: 10,
    UpdateStreamMode: 5,
    UpdateStreamRecordDistributionStrategy: 5,
    UpdateStreamWarmThroughput: 5,
  },
} as const;
