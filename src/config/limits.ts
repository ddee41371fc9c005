/** Bounds of settings. */
export const configLimits = {
  /** Worker threads that the `workers` setting can ask for. */
  workersMax: 64,
} as const;
