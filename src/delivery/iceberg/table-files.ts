import type { ObjectStore } from '../../services/s3/object-store.ts';
import { icebergLimits } from './limits.ts';
import { unsupported } from './schema.ts';

/** Opens the stores of tables' files. */
export interface TableStores {
  /** The buckets of this server. */
  readonly own: ObjectStore;
  /** The store that a catalog describes with S3FileIO properties (`s3.endpoint`, ...). */
  open(config: Readonly<Record<string, string>>): Promise<ObjectStore>;
}

/** The files of a table in an object store. */
export class TableFiles {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Writes a file. The same name always has the same content, so retries are safe. */
  async write(path: string, body: Uint8Array): Promise<void> {
    const { bucket, key } = parseLocation(path);
    await this.#store.put(bucket, key, body, { condition: 'unconditional' });
  }

  /** Reads a manifest list. */
  async readList(path: string): Promise<Buffer> {
    const { bucket, key } = parseLocation(path);
    const info = await this.#store.head(bucket, key);
    const max = icebergLimits.manifestListBytesMax;
    if (info !== undefined && info.sizeBytes > max) {
      throw unsupported(`its manifest list has more than ${max} bytes; rewrite its manifests`);
    }
    const { body } = await this.#store.get(bucket, key);
    return body;
  }
}

/** Throws IcebergError for locations outside of S3. */
function parseLocation(path: string): { readonly bucket: string; readonly key: string } {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (bucket === undefined || key === undefined) throw unsupported(`its files are at ${path}, not in S3`);
  return { bucket, key };
}
