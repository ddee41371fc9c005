/** Bounds of deliveries: their batches, their processing, and the names of objects. */
export const deliveryLimits = {
  /**
   * Size of the records before compression; a shard's records are held in memory until they reach it, or are old
   * enough.
   */
  objectBytesMax: 8 * 1024 * 1024,
  objectRecordsMax: 50_000,
  /** Of records that wait for their range, of all deliveries; and what each shard may hold when that is used up. */
  bufferedBytesMax: 256 * 1024 * 1024,
  bufferedBytesEach: 256 * 1024,
  /** How much is checked per turn of the event loop. */
  bytesAtOnceMax: 256 * 1024,
  /** Processed records that are stored before they are delivered: in each append, and in each read. */
  stagedBytesAtOnceMax: 4 * 1024 * 1024,
  /** Amazon Data Firehose's own, after expressions are evaluated. */
  prefixCharactersMax: 512,
  /** S3's own. */
  keyBytesMax: 1024,
} as const;
