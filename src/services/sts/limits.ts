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
  /** How long the keys of an OpenID Connect issuer are kept before they are read again. */
  issuerKeysKeptMs: 60 * 60_000,
  /** A token with an unknown key, or a failure, has an issuer's keys read again after this time. */
  issuerKeysAgainMs: 60_000,
  /** Issuers whose keys are kept. */
  issuersKeptMax: 100,
  /** How long an issuer may take to answer. */
  issuerTimeoutMs: 10_000,
  /** Connections to an issuer. */
  issuerSocketsMax: 4,
  /** Size of an issuer's discovery document, and of its keys. */
  issuerResponseBytesMax: 256 * 1024,
  /** Lifetime of a session of GetSessionToken for the account itself. */
  rootSessionSecondsMax: 3_600,
} as const;
