/** Why a request is not admitted. Each protocol has its own error code for each. */
export type DenialKind =
  /** The caller may not do this. */
  | 'access'
  | 'unknown-key'
  /** Not the session token of the key. */
  | 'invalid-token'
  | 'wrong-signature'
  /** Parts of the signature are missing or cannot be read. */
  | 'incomplete'
  /** The same in the query of a presigned URL. */
  | 'incomplete-query'
  /** The same in the fields of a form. */
  | 'incomplete-form'
  | 'wrong-scope'
  | 'skewed'
  | 'expired-url'
  | 'expired-token'
  | 'unsigned-header'
  /** S3 requires the hash of the payload in a header. */
  | 'missing-hash'
  | 'invalid-hash'
  | 'wrong-hash'
  | 'several-mechanisms'
  | 'unsupported-algorithm'
  | 'unsupported-version'
  /** The server answers nobody now. */
  | 'unavailable'
  /** A limit of the caller or its address. */
  | 'throttled'
  /** The body could not be read, so that its signature could not be checked. */
  | 'too-large'
  | 'no-room'
  | 'client-gone';

export interface Denial {
  readonly kind: DenialKind;
  readonly message: string;
  /** Members of S3's error documents. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A request whose signature does not hold. */
export class SignatureError extends Error implements Denial {
  override readonly name = 'SignatureError';
  readonly kind: DenialKind;
  readonly fields: Readonly<Record<string, string>>;

  constructor(kind: DenialKind, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.kind = kind;
    this.fields = fields;
  }
}
