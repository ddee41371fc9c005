/** Bounds of deliveries: their batches, their processing, and the names of objects. */
export const deliveryLimits = {
  /** Of records before compression; a shard's are held in memory until then, or until they are old enough. */
  objectBytesMax: 8 * 1024 * 1024,
  objectRecordsMax: 50_000,
  /** How much is checked in one turn of the event loop. */
  bytesAtOnceMax: 256 * 1024,
  /** Processed records that are stored before they are delivered: in each append, and in each read. */
  stagedBytesAtOnceMax: 4 * 1024 * 1024,
  /** Amazon Data Firehose's own, after expressions are evaluated. */
  prefixCharactersMax: 512,
  /** S3's own. */
  keyBytesMax: 1024,
} as const;
