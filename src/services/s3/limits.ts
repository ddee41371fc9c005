/** Bounds of the embedded S3 that AWS does not set. */
export const s3Limits = {
  /** Outcomes of uploads and conditional deletions that are kept for clients who ask again, and for how long. */
  outcomesMax: 10_000,
  outcomeKeptMs: 24 * 3_600_000,
};
