/** Bounds of delivery streams, with their units. AWS's bounds on single values are in `api.json`. */
export const firehoseLimits = {
  /** A batch of 4 MiB in base64, with its envelope. */
  bodyBytesMax: 8 * 1024 * 1024,
  putBatchBytesMax: 4 * 1024 * 1024,
  deliveryStreamsMax: 5_000,
  tagsMax: 50,
  listedDefault: 10,
  bufferMiBDefault: 5,
  bufferSecondsDefault: 300,
  /** With format conversion or dynamic partitioning, as on AWS. */
  largeBufferMiBMin: 64,
  largeBufferMiBDefault: 128,
  httpRetrySecondsDefault: 300,
  /** Records of one object: each costs memory beside its bytes. */
  objectRecordsMax: 1_000_000,
  activePartitionsMax: 500,
  /** How often undelivered records are checked for the age at which they are dropped. */
  retentionCheckMs: 60_000,
  /** It becomes the name of a folder, in which / and # take three characters. */
  logGroupNameLengthMax: 240,
  /** As on AWS for other destinations than S3. */
  icebergRetrySecondsDefault: 300,
  /** Tables that records have named, whose settings are kept. */
  icebergTablesKeptMax: 1_000,
} as const;
