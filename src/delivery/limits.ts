/** The bounds of processing and of the names of objects. */
export const deliveryLimits = {
  /** Amazon Data Firehose's own, after expressions are evaluated. */
  prefixCharactersMax: 512,
  /** S3's own. */
  keyBytesMax: 1024,
} as const;
