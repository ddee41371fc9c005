/** Bounds of objects, of the embedded S3 and of other stores. */
export const s3Limits = {
  /** Size of a bucket's policy without white space, as on AWS. */
  bucketPolicyBytesMax: 20 * 1024,
  /** Outcomes of uploads and conditional deletions that are stored for retries. */
  outcomesMax: 10_000,
  /** How long outcomes of uploads and conditional deletions are stored for retries. */
  outcomeKeptMs: 24 * 3_600_000,
  /** Size of a posted form without its file. */
  postFieldsBytesMax: 20_000,
  /** Size of an object's key, as on AWS. */
  objectKeyBytesMax: 1024,
  /** Size of an object that one request uploads, as on AWS. */
  objectPutBytesMax: 5 * 1024 ** 3,
  /** Parts of a multipart upload, as on AWS. */
  objectPartsMax: 10_000,
  /** Minimum size of a part, except for the last one, as on AWS. */
  objectPartBytesMin: 5 * 1024 * 1024,
  /** Maximum size of a part, as on AWS. */
  objectPartBytesMax: 5 * 1024 ** 3,
  /** Size of an object's user metadata, as on AWS. */
  objectMetadataBytesMax: 2 * 1024,
  /** Keys, parts or uploads of one page of a response, as on AWS. */
  objectListedMax: 1_000,
  /** Keys of one DeleteObjects, as on AWS. */
  objectsDeletedAtOnceMax: 1_000,
  /** Decisions about the objects of one DeleteObjects until other requests get their turn. */
  decisionsAtOnceMax: 20,
  /** Maximum size of an XML request body. */
  objectRequestXmlBytesMax: 8 * 1024 * 1024,
  /** Contents up to this size are part of the engine's commit, which makes them durable with one sync. */
  objectInlineBytesMax: 64 * 1024,
  /** Appended bytes up to this size are part of the engine's commit, which makes them durable with one sync. */
  objectAppendBytesMax: 4 * 1024 * 1024,
  /** Contents in the engine's commits beyond which the changed files are synced and the engine drops the contents. */
  objectUnsettledBytesMax: 64 * 1024 * 1024,
  /** How long after a change the changed files are synced at the latest. */
  objectSettleDelayMs: 5_000,
  /** Bytes of an object that are read at once. */
  objectReadBytesMax: 1024 * 1024,
  /** Bytes of an object that are written at once. */
  objectWriteBytes: 256 * 1024,
  /** Key streams of an encrypted object, one per process that appended to it; above it the object is rewritten. */
  objectKeyStreamsMax: 64,
  /** Multipart uploads in progress. */
  objectUploadsMax: 100_000,
  /** Objects that `nagare cluster import` and `export` move at the same time, each with a part in memory. */
  objectsMovedAtOnce: 8,
  /** Size of a part of an object that is moved to another S3. */
  movedPartBytes: 8 * 1024 * 1024,
  /** Connections to a remote store. */
  remoteStoreSocketsMax: 50,
  /** Clients of remote stores, one for each set of credentials, that are kept open. */
  remoteStoresWithCredentialsMax: 32,
  /** How long a connection to a remote store may take to open. */
  remoteStoreConnectTimeoutMs: 5_000,
  /** How long a remote store may take to respond. */
  remoteStoreRequestTimeoutMs: 60_000,
  /** Checkpoints and counts in the metadata of an object in the embedded store: about 400 shards. */
  listLogMetadataBytesMax: 8 * 1024,
} as const;
