/** Bounds of the verification of signatures. */
export const authLimits = {
  /** Signing keys that are kept: one for each access key, day, region and service. */
  derivedKeysMax: 10_000,
  /** How far the time of a signature may differ from the machine's clock, as on AWS. */
  skewMs: 5 * 60_000,
  /** How far the time of a signature of an S3 request may differ from the machine's clock, as on AWS. */
  skewS3Ms: 15 * 60_000,
  /** The longest validity of a presigned URL: a week. */
  expiresSecondsMax: 604_800,
  /** How long the URL of a function's code is valid, as on AWS. */
  ownUrlSeconds: 600,
  /** Signed headers of a request. */
  signedHeadersMax: 200,
} as const;
