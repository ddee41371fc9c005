export const serverLimits = {
  /** Of a request that applies a `nagare.yaml`. */
  applyRequestBytesMax: 16 * 1024 * 1024,
} as const;
