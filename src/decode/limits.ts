/** Bounds of decoding payloads for display and filters. */
export const decodeLimits = {
  /** Bytes that one payload may have after it is decompressed. */
  decompressedBytesMax: 16 * 1024 * 1024,
  /** Compressions and containers within each other. */
  stepsMax: 8,
  /** Records of an aggregated record that are decoded; the others are counted. */
  partsMax: 1000,
  /** Nested lists and maps of a binary payload. */
  depthMax: 64,
  /** Values of a binary payload. */
  valuesMax: 200_000,
  /** Records of a discarded batch that is given to its function again. */
  discardedRecordsMax: 10_000,
  /** Bytes that are shown as a hex dump. */
  hexBytesMax: 64 * 1024,
} as const;
