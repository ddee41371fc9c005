/**
 * An S3 as the parts of nagare that write objects see it: the embedded one, or any other by its endpoint. It has only
 * what they need. Every write is conditional, and none is retried silently (see docs/list-log.md).
 */
export interface ObjectStore {
  /** `append` requires objects of at least this size; smaller ones are read and put again. */
  readonly appendMinBytes: number;
  /** Maximum size of the names and values of an object's user metadata. */
  readonly metadataBytesMax: number;
  /** Undefined when the object does not exist. Throws ServiceError('NoSuchBucket'). */
  head(bucket: string, key: string): Promise<ObjectInfo | undefined>;
  /**
   * Reads the whole object or a range (inclusive). Throws PreconditionFailedError when `ifMatch` is given and differs.
   */
  get(bucket: string, key: string, options?: GetOptions): Promise<StoredBytes>;
  /**
   * Throws PreconditionFailedError when the condition does not hold. After any other error it is unknown whether the
   * write took effect.
   */
  put(bucket: string, key: string, body: Uint8Array, options: PutOptions): Promise<{ readonly etag: string }>;
  /**
   * Appends `body` to the object, moving only its bytes: natively where the store can, otherwise by a multipart upload
   * whose first parts are server-side copies. `base` is the object as it was read, at least `appendMinBytes` long; its
   * ETag is the condition. Throws the errors of `put`.
   */
  append(
    bucket: string,
    key: string,
    base: ObjectInfo,
    body: Uint8Array,
    options: Omit<PutOptions, 'condition'>,
  ): Promise<{ readonly etag: string }>;
  /** Verifies that the store evaluates conditions; throws when it does not, or cannot be reached. */
  probe(bucket: string): Promise<void>;
  /** Creates the bucket; succeeds when it already exists. */
  createBucket(bucket: string): Promise<void>;
}

export interface ObjectInfo {
  /** Quoted, as S3 returns it. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  /** User metadata; keys in lower case without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface GetOptions {
  readonly ifMatch?: string;
  /** Inclusive. */
  readonly range?: { readonly first: number; readonly last: number };
}

export interface StoredBytes {
  readonly info: ObjectInfo;
  readonly body: Buffer;
}

export interface PutOptions {
  readonly condition: { readonly ifMatch: string } | { readonly ifNoneMatch: '*' } | 'unconditional';
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly contentEncoding?: string | undefined;
}

export class PreconditionFailedError extends Error {
  override readonly name = 'PreconditionFailedError';
}

/** A part of a list. */
export interface ObjectPage {
  readonly prefix: string;
  /** The `next` of the page before; empty for the first one. */
  readonly token: string;
  readonly most: number;
}

/** Another S3 that has the server's objects, as people look at it. Its methods reject with the SDK's errors. */
export interface ObjectsElsewhere {
  readonly endpoint: string;
  buckets(page: ObjectPage): Promise<{
    readonly buckets: readonly { readonly name: string; readonly createdMs: number }[];
    readonly next: string | undefined;
  }>;
  /** Directly below the prefix. */
  objects(
    bucket: string,
    page: ObjectPage,
  ): Promise<{
    readonly prefixes: readonly string[];
    readonly objects: readonly {
      readonly key: string;
      readonly sizeBytes: number;
      readonly modifiedMs: number;
    }[];
    readonly next: string | undefined;
  }>;
  /** `range`: as in HTTP, such as `bytes=-100`. */
  read(
    bucket: string,
    key: string,
    range: string,
  ): Promise<{
    readonly sizeBytes: number;
    readonly modifiedMs: number;
    readonly contentType: string;
    readonly body: Buffer;
  }>;
}

/** Buckets as other services use them: nagare's own, and those of another S3. */
export interface ObjectStores {
  readonly store: ObjectStore;
  /** Undefined if the objects are in the data folder. */
  readonly elsewhere?: ObjectsElsewhere | undefined;
  /** Throws InvalidBucketName. */
  checkName(bucket: string): void;
  /** The store at another endpoint. Without credentials the AWS SDK looks for them. */
  openRemote(
    endpoint: string,
    region: string | undefined,
    credentials?: StoreCredentials,
  ): Promise<ObjectStore>;
}

export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
