/** Bounds of deliveries: their batches, their processing, and the names of objects. */
export const deliveryLimits = {
  /**
   * Data of the records of an object before compression. The records of a shard are held in memory until they reach it,
   * or are old enough.
   */
  objectBytesMax: 8 * 1024 * 1024,
  /** Records of an object. */
  objectRecordsMax: 50_000,
  /** Memory of all records that are buffered for delivery. */
  bufferedBytesMax: 256 * 1024 * 1024,
  /** Memory that each shard may use for buffered records when `bufferedBytesMax` is used up. */
  bufferedBytesEach: 256 * 1024,
  /** Data of the records that are processed in one turn of the event loop. */
  bytesAtOnceMax: 256 * 1024,
  /** Processed records that are written to the staging log in one append, or read from it at once. */
  stagedBytesAtOnceMax: 4 * 1024 * 1024,
  /** Minimum size of a batch that a thread converts or encodes; the main thread does smaller ones. */
  threadBytesMin: 256 * 1024,
  /** Batches in such a thread; further ones wait. */
  threadJobsMax: 2,
  /** Delay before a thread that has failed is started again. */
  threadRestartMs: 1000,
  /** Records that are copied for a thread in one turn of the event loop. */
  copiedBytesMax: 4 * 1024 * 1024,
  /** Characters of a prefix after its expressions are evaluated, as on AWS. */
  prefixCharactersMax: 512,
  /** Size of an object's key, as on AWS. */
  keyBytesMax: 1024,
} as const;
