/** A bucket's row. */
export interface BucketInfo {
  readonly createdMs: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** Of objects that are put without a word of it. */
  readonly encryption?: 'AES256';
  /** Null when it was removed; undefined when nothing was ever said of it. */
  readonly publicAccessBlock?: Readonly<Record<string, boolean>> | null;
  readonly ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter' | null;
}
