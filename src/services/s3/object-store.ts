/**
 * An S3 as the parts of nagare that write objects see it: the embedded one or any other, by endpoint. Only what
 * they need; every write is conditional, and none is ever retried silently (facts in docs/list-log.md).
 */
export interface ObjectStore {
  /** `append` takes objects from this size on; smaller ones are read and put again. */
  readonly appendMinBytes: number;
  /** Most bytes of names and values of an object's user metadata. */
  readonly metadataBytesMax: number;
  /** Undefined when the object does not exist. Throws ServiceError('NoSuchBucket'). */
  head(bucket: string, key: string): Promise<ObjectInfo | undefined>;
  /** The whole object or a range (inclusive). Throws PreconditionFailedError when `ifMatch` is given and differs. */
  get(
    bucket: string,
    key: string,
    options?: {
      readonly ifMatch?: string;
      readonly range?: { readonly first: number; readonly last: number };
    },
  ): Promise<{ readonly facts: ObjectInfo; readonly body: Buffer }>;
  /** Throws PreconditionFailedError when the condition does not hold. Any other error may have written or not. */
  put(bucket: string, key: string, body: Uint8Array, options: PutOptions): Promise<{ readonly etag: string }>;
  /**
   * Replaces the object by itself followed by `body`, moving only `body`'s bytes: natively where the store can,
   * else by a multipart upload whose first parts are server-side copies. `base` is the object as it was read, at
   * least `appendMinBytes` long; its ETag is the condition. Same errors as `put`.
   */
  append(
    bucket: string,
    key: string,
    base: ObjectInfo,
    body: Uint8Array,
    options: Omit<PutOptions, 'condition'>,
  ): Promise<{ readonly etag: string }>;
  /** Makes sure that the store looks at conditions at all; throws when it does not, or cannot be asked. */
  probe(bucket: string): Promise<void>;
  /** Makes the bucket; one that is there already is fine. */
  createBucket(bucket: string): Promise<void>;
}

export interface ObjectInfo {
  /** With its quotes, as S3 gives it. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  /** User metadata, keys in lower case without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PutOptions {
  readonly condition: { readonly ifMatch: string } | { readonly ifNoneMatch: '*' } | 'unconditional';
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

export class PreconditionFailedError extends Error {
  override readonly name = 'PreconditionFailedError';
}

/** Buckets as other services use them: nagare's own, and those of another S3. */
export interface ObjectStores {
  readonly store: ObjectStore;
  /** Throws InvalidBucketName. */
  checkName(bucket: string): void;
  /** The store behind another endpoint. */
  openRemote(endpoint: string, region: string | undefined): Promise<ObjectStore>;
}
