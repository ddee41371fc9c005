/** Bounds of what all parts share. */
export const supportLimits = {
  /** Bins of a distribution of samples, of which percentiles are computed: some two bytes each on disk. */
  distributionBinsMax: 320,
} as const;
