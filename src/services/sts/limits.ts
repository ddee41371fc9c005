/** Bounds of STS, as on AWS. */
export const stsLimits = {
  /** Size of a request. */
  bodyBytesMax: 1024 * 1024,
  /** Length of the session policy of AssumeRole. */
  sessionPolicyCharactersMax: 2_048,
  /** Number of managed policies as session policies. */
  sessionPolicyArnsMax: 10,
  /** Number of session tags. */
  sessionTagsMax: 50,
  /** Lifetime of a session that is made with the credentials of another one. */
  chainedSessionSecondsMax: 3_600,
  /** Lifetime of a session of GetSessionToken for the account itself. */
  rootSessionSecondsMax: 3_600,
} as const;
