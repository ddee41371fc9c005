/** Every bound of nagare, with its unit in its name. AWS's bounds on single values are in the services' `api.json`. */
export const limits = {
  // Command line
  sameSignalMs: 500,
  commandBytesMax: 64 * 1024,
  /** A scrub of a running server sends a blank as often, until it has its result: clients give up on silence. */
  scrubProgressMs: 10_000,

  // Data folder
  /** How often an owner that writes nothing looks whether the folder is still its own. Each sync looks too. */
  ownerCheckEveryMs: 1000,
  /** With less room on the disk, `/health` says that it is full. */
  healthyFreeBytesMin: 1024 * 1024,

  // HTTP edge
  /** The memory of all request bodies that are held whole; bodies of objects are streamed. */
  bodyBytesInFlightMax: 160 * 1024 * 1024,
  /** How much memory a body may get ahead of the bytes that have arrived. */
  bodyBytesAhead: 1024 * 1024,
  /** Bodies from this size on are parsed one in each turn of the event loop. */
  bodyBytesLarge: 256 * 1024,
  /** The memory of all responses that clients have not read yet. The fuller it is, the less is read for the next one. */
  responseBytesInFlightMax: 64 * 1024 * 1024,
  /** Above this, all but small responses are refused. */
  responseBytesInFlightHardMax: 128 * 1024 * 1024,
  responseBytesSmall: 128 * 1024,
  /** How long a client may read nothing of its response while others need the memory. */
  responseStallMs: 2000,
  /** A response is written in pieces of this size, each when the client has read the one before. */
  responsePieceBytes: 1024 * 1024,
  /** Fewer where the system gives the process fewer handles. */
  connectionsMax: 20_000,
  headersBytesMax: 64 * 1024,
  /** Values in a JSON or CBOR body: as many as 1 MiB of JSON numbers holds. A larger body holds texts and blobs. */
  requestValuesMax: 512 * 1024,
  /** Levels of nesting in a JSON or CBOR body. */
  requestDepthMax: 64,
  /** Elements of an XML body, or the parts of the names of a form's parameters: each is an object with a map. */
  requestNodesMax: 128 * 1024,
  formParametersMax: 64 * 1024,
  /** The size of a chunk, with its extensions. */
  chunkLineBytesMax: 4096,
  headersTimeoutMs: 20_000,
  requestTimeoutMs: 5 * 60_000,
  keepAliveTimeoutMs: 75_000,
  shutdownGraceMs: 10_000,
  /** How long a client may take to close its side of a connection that the server has closed. */
  lingerMs: 500,
  http2WindowBytes: 1024 * 1024,
  http2StreamsMax: 1000,
  /** How much of a refused upload is read and discarded, so that the client gets the response. */
  discardBytesMax: 64 * 1024 * 1024,
  discardMs: 5000,
  /** How long a client may read nothing of its response. */
  writeTimeoutMs: 60_000,

  // Readers of streams: mappings, list logs, deliveries
  consumerRetryInitialMs: 100,
  consumerRetryMsMax: 10_000,
  /** How long a batch without a window may take to fill while there is more to read. */
  consumerFillMs: 10,
  consumerReadRecordsMax: 10_000,

  // Deliveries
  /** Of records before compression; a shard's are held in memory until then, or until they are old enough. */
  deliveryObjectBytesMax: 8 * 1024 * 1024,
  deliveryObjectRecordsMax: 50_000,
  /** Processed records that are stored before they are delivered: in each append, and in each read. */
  deliveryStagedBytesAtOnceMax: 4 * 1024 * 1024,
  /** How much is checked in one turn of the event loop. */
  deliveryBytesAtOnceMax: 256 * 1024,

  // Event source mappings
  mappingRetryInitialMs: 100,
  mappingRetryMsMax: 10_000,
  /** Lambda's limit of a synchronous invocation. */
  mappingPayloadBytesMax: 6 * 1024 * 1024,
  mappingFiltersMax: 5,
  /** Of the report on records given up, over four minutes; then the log says that it is given up, too. */
  mappingReportAttemptsMax: 30,
  mappingReportsAtOnceMax: 8,
  mappingReportsPendingMax: 10_000,
  mappingsListedMax: 100,

  // metrics and alarms
  cloudWatchBodyBytesMax: 1024 * 1024,
  metricSamplesPerPage: 2_000,
  /** More metrics than this a second, and what they count is taken less often. */
  metricSamplesPerSecond: 5_000,
  metricFlushIntervalMs: 3_600_000,
  metricJournalBytesMax: 32 * 1024 * 1024,
  metricsMovedAtOnce: 256,
  metricBucketsInMemoryMax: 200_000,
  metricSamplesWaitingMax: 200_000,
  metricsMax: 200_000,
  metricPastMs: 14 * 86_400_000,
  metricFutureMs: 2 * 3_600_000,
  metricListedMs: 14 * 86_400_000,
  metricSweepIntervalMs: 86_400_000,
  metricSecondRetentionMs: 3 * 3_600_000,
  metricMinuteRetentionMs: 15 * 86_400_000,
  metricFiveMinuteRetentionMs: 63 * 86_400_000,
  metricHourRetentionMs: 455 * 86_400_000,
  metricDatumsPerPutMax: 1_000,
  metricValuesPerDatumMax: 150,
  metricStatisticsDatapointsMax: 1_440,
  metricDataDatapointsMax: 100_800,
  metricDataQueriesMax: 500,
  alarmsMax: 5_000,
  alarmEvaluationDelayMs: 1_000,
  alarmEvaluationsAtOnceMax: 16,
  alarmRoundsWaitingMax: 12,
  alarmActionsAtOnceMax: 8,
  alarmActionsPendingMax: 100_000,
  alarmActionAttemptsMax: 4,
  alarmActionRetryMs: 1_000,
  alarmHistoryItemsMax: 500,
  alarmHistoryRetentionMs: 30 * 86_400_000,
  alarmWindowMs: 7 * 86_400_000,
  alarmShortPeriodWindowMs: 86_400_000,

  // Objects: the embedded S3
  objectKeyBytesMax: 1024,
  objectBytesMax: 50 * 1024 ** 4,
  objectPutBytesMax: 5 * 1024 ** 3,
  objectPartsMax: 10_000,
  objectPartBytesMin: 5 * 1024 * 1024,
  objectPartBytesMax: 5 * 1024 ** 3,
  objectMetadataBytesMax: 2 * 1024,
  objectListedMax: 1_000,
  objectsDeletedAtOnceMax: 1_000,
  objectRequestXmlBytesMax: 8 * 1024 * 1024,
  /** Contents up to this size are part of the engine's commit, which makes them durable with one sync. */
  objectInlineBytesMax: 64 * 1024,
  /** The same for the bytes of an append. */
  objectAppendBytesMax: 4 * 1024 * 1024,
  /** Of a content that are read at once. */
  objectReadBytesMax: 1024 * 1024,
  /** Past this, or so long after a change, the files that changed are synced and the engine forgets their contents. */
  objectUnsettledBytesMax: 64 * 1024 * 1024,
  objectSettleDelayMs: 5_000,
  objectUploadsMax: 100_000,

  // Other S3s
  remoteStoreSocketsMax: 50,
  remoteStoreConnectTimeoutMs: 5_000,
  remoteStoreRequestTimeoutMs: 60_000,

  // Functions
  /** The answer of a function; Lambda's own bound. */
  invokeResponseBytesMax: 6 * 1024 * 1024 + 100,
  invokePayloadBytesMax: 6 * 1024 * 1024,
  invokeAsyncPayloadBytesMax: 1024 * 1024,
  /** Lambda gives 10 s; a small machine that starts many processes at once needs more. */
  functionInitMsMax: 30_000,
  functionTimeoutSecondsMax: 900,
  functionTimeoutSecondsDefault: 3,
  functionMemoryMegabytesDefault: 128,
  functionsMax: 10_000,
  functionsPerPage: 50,
  functionEnvironmentBytesMax: 4096,
  /** The zip as it is uploaded, what is in it, and how many files. */
  codeZipBytesMax: 50 * 1024 * 1024,
  codeUnzippedBytesMax: 250 * 1024 * 1024,
  codeFilesMax: 50_000,
  /** Of CreateFunction: the zip in base64, and the rest. */
  lambdaRequestBytesMax: 70 * 1024 * 1024,
  functionProcessesMax: 64,
  /** Lambda's own: what a function may have open, how many processes and threads, and how much in /tmp. */
  functionFilesMax: 1024,
  functionProcessesEachMax: 1024,
  functionFileBytesMax: 512 * 1024 * 1024,
  /** Users that functions run as where the server is root: between those that systemd knows. */
  functionUserIdFirst: 60_706,
  functionUserIds: 478,
  /** How often the memory of functions is looked at: of those that run, and of those that wait. */
  functionMemoryCheckMs: 100,
  functionMemoryIdleCheckMs: 2_000,
  /** A trial of an isolation at the start. */
  isolationTrialMsMax: 20_000,
  isolationTrialTextMax: 4_096,
  isolationTrialBytesMax: 1024 * 1024 * 1024,
  /** Below these, or beyond, `nagare doctor` has something to say. */
  doctorFreeBytesMin: 512 * 1024 * 1024,
  doctorFileHandlesMin: 4_096,
  doctorClockAheadMsMax: 60_000,
  functionIdleMs: 5 * 60_000,
  functionsWaitingMax: 1_000,
  functionsCloseGraceMs: 5_000,
  /** How many turns of the event loop are spent on waiting for what a function has printed. */
  outputDrainTurnsMax: 1_000,
  asyncEventsPendingMax: 100_000,
  asyncEventsAtOnceMax: 1_000,
  asyncEventAgeMsMax: 6 * 3_600_000,
  asyncRetriesMax: 2,
  asyncRetryDelayMs: 60_000,

  // What functions print
  logEventBytesMax: 256 * 1024,
  logSegmentBytesMax: 4 * 1024 * 1024,
  logSegmentsPerGroupMax: 8,
  logWaitingBytesMax: 1024 * 1024,
  logEventsPerPageMax: 10_000,
  logAnswerBytesMax: 1024 * 1024,
  logRequestBytesMax: 1024 * 1024,

  // Threads
  /** Smaller bodies and responses are not worth the transfer to another thread. */
  threadBytesMin: 16 * 1024,
  /** For each thread; the main thread does the rest. */
  threadJobsMax: 4,
  threadRestartMs: 1000,
  workersMax: 64,

  // Engine
  segmentBytes: 128 * 1024 * 1024,
  /** The newest segment of a store that was closed: the next start reads it from front to end. */
  closedSegmentBytesMax: 8 * 1024 * 1024,
  frameBytesMax: 32 * 1024 * 1024,
  /** Of records with a checksum of their own: a damaged byte on disk costs so many at most, or one record. */
  chunkBytesMax: 32 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
  /** How many commits may wait for the disk. */
  worksWaitingMax: 100_000,
  tailCacheBytes: 48 * 1024 * 1024,
  indexCacheBytes: 16 * 1024 * 1024,
  openSegmentsMax: 128,
  /** Each has memory for what it reads; more at once than there are threads for files are of no use. */
  diskReadsAtOnceMax: 16,
  /** Row changes in memory, with what they cost there; then they are written to a table file. */
  memtableBytes: 8 * 1024 * 1024,
  /** Row changes that wait for the disk to take their table files. */
  unflushedRowsBytesMax: 32 * 1024 * 1024,
  /** Row changes that a new segment begins with; more are written to a table file. */
  checkpointRowsBytesMax: 256 * 1024,
  /** Of rows: what a point read reads. */
  tableBlockBytes: 4096,
  /** Blocks that share an index; written and merged in one step. */
  tableSectionBytes: 128 * 1024,
  tableFileBytes: 32 * 1024 * 1024,
  /** Table files as they were first written, before they are merged: each one is asked by every read. */
  tableLevelZeroFiles: 8,
  /** With so many, changes of rows wait for the merging. */
  tableLevelZeroFilesMax: 32,
  /** Of level 1; each level holds ten times the one before. */
  tableLevelBytes: 128 * 1024 * 1024,
  tableCacheBytes: 32 * 1024 * 1024,
  tableKeyBytesMax: 2048,
  tableRowBytesMax: 4 * 1024 * 1024,
  /** A scan reads so many rows, or bytes, ahead of its caller. */
  tableScanRowsMax: 256,
  tableScanBytesMax: 1024 * 1024,
  /** Emergency space for work that frees room on a full disk. */
  reserveBytes: 4 * 1024 * 1024,
  idempotencyKeyLifetimeMs: 10 * 60_000,
  idempotencyKeysMax: 4_000_000,

  // Streams
  /** PutRecords with 10 MiB of data as base64, and room for what is around it. */
  kinesisBodyBytesMax: 20 * 1024 * 1024,
  kinesisPutRecordsBytesMax: 10 * 1024 * 1024,
  kinesisGetRecordsBytesMax: 10 * 1024 * 1024,
  /** Hashes of partition keys that are remembered: between so many and twice as many. */
  kinesisHashKeysKept: 8192,
  kinesisGetRecordsMax: 10_000,
  kinesisRecordKiBDefault: 1024,
  kinesisIteratorLifeMs: 5 * 60_000,
  kinesisNextTokenLifeMs: 5 * 60_000,
  kinesisRetentionDefaultHours: 24,
  kinesisRetentionHoursMax: 8760,
  kinesisRetentionSweepMs: 60_000,
  kinesisShardsMax: 100_000,
  kinesisStreamShardsMax: 10_000,
  kinesisOnDemandShards: 4,
  /** New shards of one commit: a reshard of more is done in parts. */
  kinesisReshardShardsAtOnce: 500,
  /** What AWS gives a shard to write; on-demand streams are split by it. */
  kinesisShardBytesPerSecond: 1024 * 1024,
  kinesisShardRecordsPerSecond: 1000,
  kinesisScalingCheckMs: 60_000,
  /** A shard is split when it used more than that share of a shard in so many checks in a row. */
  kinesisScalingHotShare: 0.5,
  kinesisScalingHotChecks: 2,
  /** Neighbours are merged when both used less than that in so many checks in a row. */
  kinesisScalingColdShare: 0.1,
  kinesisScalingColdChecks: 15,
  kinesisOnDemandStreamsMax: 1_000_000,
  /** Of a stream, a consumer, a channel, a topic, an alarm. */
  tagsMax: 50,
  kinesisConsumersMax: 20,
  kinesisAdvantageConsumersMax: 50,
  kinesisChannelsMax: 1_000,
  kinesisStreamChannelsMax: 20,
  kinesisChannelsListedMax: 100,
  kinesisChannelFreshnessSecondsDefault: 300,
  kinesisChannelFreshnessSecondsMax: 900,
  kinesisPolicyBytesMax: 20 * 1024,
  kinesisCommitmentMs: 24 * 3_600_000,
  kinesisSubscriptionMs: 5 * 60_000,
  /** After one that succeeded, a consumer can subscribe to a shard again only after that. */
  kinesisSubscriptionTakeoverMs: 5000,
  /** How long a subscriber is sent nothing, as on AWS; the AWS SDK for Java gives up after 10 seconds. */
  kinesisSubscriptionIdleMs: 5_000,
  kinesisSubscriptionEventBytesMax: 1024 * 1024,
  kinesisLifecycleRetryMs: 1000,
  kinesisMetricsReleaseMs: 2 * 60_000,
  /** How long a put that was throttled in part is known, in which a client's library repeats it: as idempotency keys. */
  kinesisPartialPutLifeMs: 10 * 60_000,

  // topics
  snsBodyBytesMax: 4 * 1024 * 1024,
  snsMessageBytesMax: 256 * 1024,
  snsBatchEntriesMax: 10,
  snsSubjectCharactersMax: 100,
  snsTopicsMax: 100_000,
  snsSubscriptionsMax: 100_000,
  snsTokenLifeMs: 2 * 86_400_000,
  /** Past this many deliveries under way, Publish answers Throttled. */
  snsDeliveriesPendingMax: 100_000,
  snsDeliveriesAtOnceMax: 128,
  snsDeliveriesAtOncePerSubscriptionMax: 8,
  snsHttpTimeoutMs: 15_000,
  snsRetriesMax: 100,
  snsRetryDelaySecondsMax: 3_600,
  snsFilterPolicyBytesMax: 256 * 1024,
  snsFilterPolicyKeysMax: 5,
  snsFilterPolicyCombinationsMax: 150,

  // List logs
  listLogsMax: 1_000,
  listLogRequestBytesMax: 64 * 1024,
  listLogBatchRecordsMax: 10_000,
  listLogBatchBytesMax: 1024 * 1024,
  /** Lines of several shards that are written at once. */
  listLogWriteBytesMax: 2 * 1024 * 1024,
  /** Of positions and counts in the metadata of an object in the embedded store; about 400 shards. */
  listLogMetadataBytesMax: 8 * 1024,
  /** Writes that another writer may win in a row before this one takes a rest. */
  listLogConflictsMax: 20,
} as const;
