/** Bounds of the embedded S3 beside those in src/limits.ts. */
export const s3Limits = {
  /** Outcomes of uploads and conditional deletions that are kept for clients who ask again, and for how long. */
  outcomesMax: 10_000,
  outcomeKeptMs: 24 * 3_600_000,
  /** Of a posted form without its file. */
  postFieldsBytesMax: 20_000,
};
