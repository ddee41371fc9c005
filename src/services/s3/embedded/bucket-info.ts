/** A bucket's row. */
export interface BucketInfo {
  readonly createdMs: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** Default encryption of objects put without an encryption header. */
  readonly encryption?: 'AES256';
  /** The policy document, as it was given. */
  readonly policy?: string;
  /** Null when it was deleted; undefined when it was never set. */
  readonly publicAccessBlock?: Readonly<Record<string, boolean>> | null;
  readonly ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter' | null;
}
