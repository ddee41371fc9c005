/** Bounds of settings. */
export const configLimits = {
  workersMax: 64,
} as const;
