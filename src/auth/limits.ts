/** Bounds of the verification of signatures. */
export const authLimits = {
  /** Signing keys that are kept: one for each access key, day, region and service. */
  derivedKeysMax: 10_000,
  /** Authorization headers whose parts are kept, without their signatures: one for each access key, day, region, service and list of signed headers. */
  claimsKeptMax: 2_000,
  /** The longest of them, in characters. */
  claimLengthMax: 1_000,
  /** How far the time of a signature may differ from the machine's clock, as on AWS. */
  skewMs: 5 * 60_000,
  /** How far the time of a signature of an S3 request may differ from the machine's clock, as on AWS. */
  skewS3Ms: 15 * 60_000,
  /** The longest validity of a presigned URL: a week. */
  expiresSecondsMax: 604_800,
  /** How long the URL of a function's code is valid, as on AWS. */
  ownUrlSeconds: 600,
  /** Access keys of users that are kept with their secrets, so that a request reads nothing from the disk. */
  accessKeysKeptMax: 10_000,
  /** Sessions that are kept, decrypted, by their tokens. */
  sessionsKeptMax: 2_000,
  /** How often the last uses of access keys are stored. */
  lastUsesSavedMs: 60_000,
  /** Last uses that wait to be stored. */
  lastUsesWaitingMax: 10_000,
  /** Identities whose policies are kept compiled. */
  principalsKeptMax: 2_000,
  /** Decisions that are kept, of all identities together. */
  decisionsKeptMax: 50_000,
  /** How long an answer about what a service may do holds, at most, so that conditions on time and tags are read again. */
  actingAnswerMs: 1_000,
  /** Such answers that are kept. */
  actingAnswersMax: 20_000,
  /** Characters of the policies that are kept compiled. */
  policyCharactersKeptMax: 4 * 1024 * 1024,
  /** Signed headers of a request. */
  signedHeadersMax: 200,
} as const;
