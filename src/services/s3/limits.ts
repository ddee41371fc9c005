/** Bounds of objects, of the embedded S3 and of other stores. */
export const s3Limits = {
  /** How many outcomes of uploads and conditional deletions are stored for retries, and for how long. */
  outcomesMax: 10_000,
  outcomeKeptMs: 24 * 3_600_000,
  /** Size of a posted form without its file. */
  postFieldsBytesMax: 20_000,
  objectKeyBytesMax: 1024,
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
  /**
   * Beyond this size, or this long after a change, the changed files are synced and the engine drops their contents.
   */
  objectUnsettledBytesMax: 64 * 1024 * 1024,
  objectSettleDelayMs: 5_000,
  /** Of a content that are read at once, and written at once. */
  objectReadBytesMax: 1024 * 1024,
  objectWriteBytes: 256 * 1024,
  /** Key streams of an encrypted object, one per process that appended to it; above it the object is rewritten. */
  objectKeyStreamsMax: 64,
  objectUploadsMax: 100_000,
  remoteStoreSocketsMax: 50,
  remoteStoresWithCredentialsMax: 32,
  remoteStoreConnectTimeoutMs: 5_000,
  remoteStoreRequestTimeoutMs: 60_000,
  /** Checkpoints and counts in the metadata of an object in the embedded store; about 400 shards. */
  listLogMetadataBytesMax: 8 * 1024,
} as const;
