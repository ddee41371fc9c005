import { s3Limits } from './limits.ts';
import { ServiceError } from '../../errors.ts';
import type { ObjectMeta } from './embedded/object-meta.ts';
import { bare, writeCheck } from './conditions.ts';
import type { WriteCheck } from './embedded/object-files.ts';
import type { EmbeddedObjects } from './embedded/open.ts';
import {
  PreconditionFailedError,
  type GetOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredBytes,
} from './object-store.ts';

/** The embedded S3 without HTTP. Appends in place: an append writes only the new bytes. */
export class EmbeddedStore implements ObjectStore {
  readonly appendMinBytes = 0;
  /** Metadata is returned in headers, of which most clients accept 16 KiB. */
  readonly metadataBytesMax = s3Limits.listLogMetadataBytesMax;
  readonly #embedded: EmbeddedObjects;

  constructor(embedded: EmbeddedObjects) {
    this.#embedded = embedded;
  }

  async head(bucket: string, key: string): Promise<ObjectInfo | undefined> {
    const meta = await this.#embedded.objects.head(bucket, key);
    return meta === undefined ? undefined : infoOf(meta);
  }

  async get(bucket: string, key: string, options: GetOptions = {}): Promise<StoredBytes> {
    const opened = await this.#embedded.objects.open(bucket, key);
    const info = opened === undefined ? undefined : infoOf(opened.meta);
    if (opened === undefined || info === undefined || (options.ifMatch ?? info.etag) !== info.etag) {
      await opened?.close();
      throw new PreconditionFailedError(`${bucket}/${key} has changed`);
    }
    const first = options.range?.first ?? 0;
    const last = Math.min(options.range?.last ?? info.sizeBytes - 1, info.sizeBytes - 1);
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.read(first, Math.max(0, last - first + 1))) chunks.push(chunk);
    return { info, body: Buffer.concat(chunks) };
  }

  async put(bucket: string, key: string, body: Uint8Array, options: PutOptions): Promise<{ etag: string }> {
    const { objects } = this.#embedded;
    return await conditionally(async () => {
      const content = await objects.receive(piecesOf(body), [], s3Limits.objectPutBytesMax);
      const written = await objects.put(bucket, key, content, newMeta(options), checkOf(key, options));
      return { etag: `"${written.etag}"` };
    });
  }

  async append(
    bucket: string,
    key: string,
    base: ObjectInfo,
    body: Uint8Array,
    options: Omit<PutOptions, 'condition'>,
  ): Promise<{ etag: string }> {
    const { objects } = this.#embedded;
    const check = writeCheck(key, { ifMatch: bare(base.etag) });
    return await conditionally(async () => {
      const written = await objects.append(bucket, key, body, { metadata: options.metadata ?? {} }, check);
      return { etag: `"${written.etag}"` };
    });
  }

  /** Nothing to probe: the embedded store checks conditions together with each write. */
  async probe(): Promise<void> {}

  async createBucket(bucket: string): Promise<void> {
    try {
      await this.#embedded.buckets.create(bucket);
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'BucketAlreadyOwnedByYou')) throw error;
    }
  }
}

function infoOf(meta: ObjectMeta): ObjectInfo {
  return {
    etag: `"${meta.etag}"`,
    sizeBytes: meta.sizeBytes,
    lastModifiedMs: meta.modifiedMs,
    metadata: meta.metadata,
  };
}

function newMeta(options: Omit<PutOptions, 'condition'>) {
  return {
    headers: {
      'content-type': options.contentType ?? 'binary/octet-stream',
      ...(options.contentEncoding !== undefined && { 'content-encoding': options.contentEncoding }),
    },
    metadata: options.metadata ?? {},
  };
}

function checkOf(key: string, { condition }: PutOptions): WriteCheck {
  if (condition === 'unconditional' || 'ifNoneMatch' in condition) return writeCheck(key, condition);
  return writeCheck(key, { ifMatch: bare(condition.ifMatch) });
}

/** Converts S3's PreconditionFailed to the error that ObjectStore's callers expect. */
async function conditionally<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const failed = error instanceof ServiceError && ['PreconditionFailed', 'NoSuchKey'].includes(error.code);
    throw failed ? new PreconditionFailedError(error.message, { cause: error }) : error;
  }
}

/** Checksums of a large object take a while: other work runs between the pieces. */
async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const { objectWriteBytes } = s3Limits;
  for (let start = 0; start < bytes.length; start += objectWriteBytes) {
    yield bytes.subarray(start, start + objectWriteBytes);
  }
}
