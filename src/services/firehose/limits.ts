/** Bounds of delivery streams, with their units. AWS's bounds on single values are in `api.json`. */
export const firehoseLimits = {
  /** Maximum size of a request: a batch of 4 MiB in base64, and the rest. */
  bodyBytesMax: 8 * 1024 * 1024,
  /** Data of one PutRecordBatch, as on AWS. */
  putBatchBytesMax: 4 * 1024 * 1024,
  /** Delivery streams of a server. */
  deliveryStreamsMax: 5_000,
  /** Tags of a delivery stream, as on AWS. */
  tagsMax: 50,
  /** Delivery streams of one page of a response unless the request says otherwise, as on AWS. */
  listedDefault: 10,
  /** Default buffer size in MiB, as on AWS. */
  bufferMiBDefault: 5,
  /** Default buffer interval in seconds, as on AWS. */
  bufferSecondsDefault: 300,
  /** Minimum buffer size in MiB with format conversion or dynamic partitioning, as on AWS. */
  largeBufferMiBMin: 64,
  /** Default buffer size in MiB with format conversion or dynamic partitioning, as on AWS. */
  largeBufferMiBDefault: 128,
  /** Default retry duration of HTTP endpoints in seconds, as on AWS. */
  httpRetrySecondsDefault: 300,
  /** Records of one object: each takes memory besides its data. */
  objectRecordsMax: 1_000_000,
  /** Kinds of refusals of one range that are written to the log stream of CloudWatchLoggingOptions. */
  refusalsLoggedMax: 100,
  /** How often direct puts that are too old are looked for. */
  retentionCheckMs: 60_000,
  /** Characters of a log group's name: it becomes the name of a folder, in which / and # take three characters. */
  logGroupNameLengthMax: 240,
  /** Default buffer interval of database destinations in seconds. */
  databaseBufferSecondsDefault: 10,
  /** Default retry duration of Iceberg destinations in seconds, as on AWS for other destinations than S3. */
  icebergRetrySecondsDefault: 300,
  /** Tables named by records whose settings are cached. */
  icebergTablesKeptMax: 1_000,
} as const;
