/** What snapshots need of an S3 store. Each call is one request. */
export interface SnapshotObjects {
  /** Returns the ETag; undefined if the object exists already. */
  create(key: string, body: Uint8Array): Promise<string | undefined>;
  /** Replaces the object if it still has this ETag; returns the new one, or undefined. */
  replace(key: string, etag: string, body: Uint8Array): Promise<string | undefined>;
  put(key: string, body: Uint8Array): Promise<void>;
  read(key: string): Promise<{ readonly etag: string; readonly body: Buffer } | undefined>;
  /** All objects below a prefix, in the order of their keys. */
  list(prefix: string): Promise<readonly ObjectEntry[]>;
  /** Succeeds when the object does not exist. */
  delete(key: string): Promise<void>;
}

export interface ObjectEntry {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
}
