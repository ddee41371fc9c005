/** Bounds of settings. */
export const configLimits = {
  /** Worker threads that the `workers` setting can ask for. */
  workersMax: 64,
  /** Partitions that a range of a delivery stream may be set to have: each is a request to the store. */
  activePartitionsMax: 10_000,
} as const;
