import { randomUUID } from 'node:crypto';
import type * as S3Sdk from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { ServiceError } from '../../errors.ts';
import { s3Limits } from './limits.ts';
import type { Egress } from '../../support/egress.ts';
import { s3ClientConfig } from '../../support/s3-client.ts';
import { noSuchBucket } from './errors.ts';
import {
  PreconditionFailedError,
  type GetOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type StoredBytes,
  type StoreCredentials,
} from './object-store.ts';

type Sdk = typeof S3Sdk;

export interface RemoteStoreOptions {
  readonly endpoint: string;
  readonly region?: string | undefined;
  /** Opens the connections. */
  readonly egress?: Egress | undefined;
  /** Default: the SDK's own credential search (environment, profile, instance). */
  readonly credentials?: StoreCredentials | undefined;
}

/** Opens any S3 as an object store. The SDK is loaded here, so that a server without remote stores never loads it. */
export async function openRemoteStore(options: RemoteStoreOptions): Promise<RemoteStore> {
  return new RemoteStore(await import('@aws-sdk/client-s3'), options);
}

/** The remote stores of a server, one per endpoint, region and key. */
export class RemoteStores {
  readonly #stores = new Map<string, Promise<RemoteStore>>();
  /** Catalogs hand out new keys all the time: the stores whose keys were not used for longest are closed. */
  readonly #withCredentials = new Map<string, Promise<RemoteStore>>();
  readonly #egress: Egress;

  constructor(egress: Egress) {
    this.#egress = egress;
  }

  open(endpoint: string, region: string | undefined, credentials?: StoreCredentials): Promise<RemoteStore> {
    const stores = credentials === undefined ? this.#stores : this.#withCredentials;
    const name = JSON.stringify([endpoint, region, credentials]);
    const known = stores.get(name);
    const store = known ?? openRemoteStore({ endpoint, region, egress: this.#egress, credentials });
    // The order is that of their last use.
    stores.delete(name);
    stores.set(name, store);
    // Loading the SDK may fail for a while, like everything that opens files.
    if (known === undefined) store.catch(() => stores.delete(name));
    this.#closeUnused();
    return store;
  }

  #closeUnused(): void {
    for (const [name, store] of this.#withCredentials) {
      if (this.#withCredentials.size <= s3Limits.remoteStoresWithCredentialsMax) return;
      this.#withCredentials.delete(name);
      store.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
  }

  async close(): Promise<void> {
    const stores = [...this.#stores.values(), ...this.#withCredentials.values()];
    for (const store of await Promise.all(stores)) store.close();
  }
}

/**
 * Writes are sent once: after a lost response, a silent retry of a successful conditional write would be refused and
 * look like a failure. The caller uses `head` to find out whether the write took effect. The SDK retries reads.
 */
export class RemoteStore implements ObjectStore {
  readonly metadataBytesMax = s3Limits.objectMetadataBytesMax;
  readonly #sdk: Sdk;
  readonly #reads: S3Client;
  readonly #writes: S3Client;
  readonly #probed = new Map<string, Promise<void>>();
  #appendMinBytes: number = s3Limits.objectPartBytesMin;

  constructor(sdk: Sdk, { endpoint, region, credentials, egress }: RemoteStoreOptions) {
    const config = s3ClientConfig({
      endpoint,
      region,
      credentials,
      connectMs: s3Limits.remoteStoreConnectTimeoutMs,
      answerMs: s3Limits.remoteStoreRequestTimeoutMs,
      agents: agentsOf(egress),
    });
    this.#sdk = sdk;
    this.#reads = new sdk.S3Client(config);
    this.#writes = new sdk.S3Client({ ...config, maxAttempts: 1 });
  }

  get appendMinBytes(): number {
    return this.#appendMinBytes;
  }

  async head(bucket: string, key: string): Promise<ObjectInfo | undefined> {
    try {
      return infoOf(await this.#reads.send(new this.#sdk.HeadObjectCommand({ Bucket: bucket, Key: key })));
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await this.#requireBucket(bucket);
      return undefined;
    }
  }

  async get(bucket: string, key: string, options: GetOptions = {}): Promise<StoredBytes> {
    const { ifMatch, range } = options;
    try {
      const answer = await this.#reads.send(
        new this.#sdk.GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
          ...(range === undefined ? {} : { Range: `bytes=${range.first}-${range.last}` }),
        }),
      );
      const body = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
      const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
      return { info: infoOf({ ...answer, ContentLength: Number(total ?? body.length) }), body };
    } catch (error) {
      throw refusedOr(error);
    }
  }

  async put(bucket: string, key: string, body: Uint8Array, options: PutOptions): Promise<{ etag: string }> {
    try {
      const answer = await this.#writes.send(
        new this.#sdk.PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ...described(options),
          ...conditionOf(options),
        }),
      );
      return { etag: given(answer.ETag) };
    } catch (error) {
      throw refusedOr(error);
    }
  }

  async append(
    bucket: string,
    key: string,
    base: ObjectInfo,
    body: Uint8Array,
    options: Omit<PutOptions, 'condition'>,
  ): Promise<{ etag: string }> {
    const { sdk, target } = { sdk: this.#sdk, target: { Bucket: bucket, Key: key } };
    // Started after `base` was read: an upload that began before could not be completed with its condition.
    const { UploadId } = await this.#writes.send(
      new sdk.CreateMultipartUploadCommand({ ...target, ...described(options) }),
    );
    const upload = { ...target, UploadId: given(UploadId) };
    try {
      const parts = await this.#copyParts(upload, base);
      const PartNumber = parts.length + 1;
      const { ETag } = await this.#writes.send(
        new sdk.UploadPartCommand({ ...upload, PartNumber, Body: body }),
      );
      parts.push({ PartNumber, ETag: given(ETag) });
      const answer = await this.#writes.send(
        new sdk.CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: parts },
          IfMatch: base.etag,
        }),
      );
      // Some servers respond with 200 and an error in the body; the SDK throws that. Without an ETag the result is
      // unknown.
      return { etag: given(answer.ETag) };
    } catch (error) {
      await this.#writes.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw refusedOr(error);
    }
  }

  /** Detects a store that ignores conditions, which would accept all of these writes; checked once per bucket. */
  async probe(bucket: string): Promise<void> {
    const known = this.#probed.get(bucket);
    if (known !== undefined) return await known;
    const probing = this.#probe(bucket);
    this.#probed.set(bucket, probing);
    try {
      await probing;
    } catch (error) {
      this.#probed.delete(bucket);
      throw error;
    }
  }

  async createBucket(bucket: string): Promise<void> {
    try {
      await this.#writes.send(new this.#sdk.CreateBucketCommand({ Bucket: bucket }));
    } catch (error) {
      if (!(error instanceof this.#sdk.BucketAlreadyOwnedByYou)) throw error;
    }
  }

  close(): void {
    this.#reads.destroy();
    this.#writes.destroy();
  }

  async #requireBucket(bucket: string): Promise<void> {
    try {
      await this.#reads.send(new this.#sdk.HeadBucketCommand({ Bucket: bucket }));
    } catch (error) {
      throw statusOf(error) === 404 ? noSuchBucket(bucket) : error;
    }
  }

  async #copyParts(
    upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
    base: ObjectInfo,
  ): Promise<{ PartNumber: number; ETag: string }[]> {
    const count = Math.ceil(base.sizeBytes / s3Limits.objectPartBytesMax);
    const size = Math.ceil(base.sizeBytes / count);
    const parts: { PartNumber: number; ETag: string }[] = [];
    for (let first = 0; first < base.sizeBytes; first += size) {
      const last = Math.min(first + size, base.sizeBytes) - 1;
      const PartNumber = parts.length + 1;
      const { CopyPartResult } = await this.#writes.send(
        new this.#sdk.UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource: `${upload.Bucket}/${upload.Key.split('/').map(encodeURIComponent).join('/')}`,
          CopySourceIfMatch: base.etag,
          ...(count === 1 ? {} : { CopySourceRange: `bytes=${first}-${last}` }),
        }),
      );
      parts.push({ PartNumber, ETag: given(CopyPartResult?.ETag) });
    }
    return parts;
  }

  async #probe(bucket: string): Promise<void> {
    const key = `.nagare-probe-${randomUUID()}`;
    const body = Buffer.from(
      'nagare writes this object to test whether the store checks conditions; you can delete it\n',
    );
    try {
      const { etag } = await this.put(bucket, key, body, { condition: { ifNoneMatch: '*' } });
      const stale = `"${'0'.repeat(32)}"`;
      await refuses('If-None-Match on PutObject', () =>
        this.put(bucket, key, body, { condition: { ifNoneMatch: '*' } }),
      );
      await refuses('If-Match on PutObject', () =>
        this.put(bucket, key, body, { condition: { ifMatch: stale } }),
      );
      await this.#probeCopies(bucket, key, etag, body);
    } finally {
      await this.#writes
        .send(new this.#sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }))
        .catch(() => undefined);
    }
  }

  /** Without UploadPartCopy, objects of any size are read and put again. */
  async #probeCopies(bucket: string, key: string, etag: string, body: Buffer): Promise<void> {
    const sdk = this.#sdk;
    const target = { Bucket: bucket, Key: key };
    const { UploadId } = await this.#writes.send(new sdk.CreateMultipartUploadCommand(target));
    const upload = { ...target, UploadId: given(UploadId) };
    try {
      const base = { etag, sizeBytes: body.length, lastModifiedMs: 0, metadata: {} };
      const parts = await this.#copyParts(upload, base).catch((error: unknown) => {
        if ([400, 404, 405, 501].includes(statusOf(error) ?? 0)) return undefined;
        throw error;
      });
      if (parts === undefined) {
        this.#appendMinBytes = Infinity;
        return;
      }
      const stale = `"${'0'.repeat(32)}"`;
      await refuses('If-Match on CompleteMultipartUpload', () =>
        this.#writes
          .send(
            new sdk.CompleteMultipartUploadCommand({
              ...upload,
              MultipartUpload: { Parts: parts },
              IfMatch: stale,
            }),
          )
          .catch((error: unknown) => Promise.reject(refusedOr(error))),
      );
    } finally {
      await this.#writes.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    }
  }
}

function agentsOf(egress: Egress | undefined) {
  const agents = egress?.agents({ keepAlive: true, maxSockets: s3Limits.remoteStoreSocketsMax });
  return agents && { httpAgent: agents.http, httpsAgent: agents.https };
}

/** Throws when a write that must be refused is not. */
async function refuses(what: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof PreconditionFailedError) return;
    throw error;
  }
  throw new Error(
    `this store ignores ${what}: two writers could overwrite each other's lines, so nagare cannot use it`,
  );
}

function conditionOf({ condition }: PutOptions): { IfMatch?: string; IfNoneMatch?: string } {
  if (condition === 'unconditional') return {};
  return 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: '*' };
}

function described(options: Omit<PutOptions, 'condition'>) {
  return {
    ...(options.metadata === undefined ? {} : { Metadata: { ...options.metadata } }),
    ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
    ...(options.contentEncoding === undefined ? {} : { ContentEncoding: options.contentEncoding }),
  };
}

function infoOf(answer: {
  readonly ETag?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly LastModified?: Date | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}): ObjectInfo {
  return {
    etag: given(answer.ETag),
    sizeBytes: answer.ContentLength ?? 0,
    lastModifiedMs: answer.LastModified?.getTime() ?? 0,
    metadata: Object.fromEntries(
      Object.entries(answer.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  };
}

/** A member that every S3 must return; without it the result is unknown. */
function given(value: string | undefined): string {
  if (value === undefined || value === '') {
    throw new ServiceError('InternalError', "the store's response lacks an ETag or an upload ID", 502);
  }
  return value;
}

/** 412; 409 for a multipart upload that another write overtook; 404 for an object that should exist. */
function refusedOr(error: unknown): unknown {
  const code = error instanceof Error ? error.name : '';
  const refused =
    statusOf(error) === 412 ||
    ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey', 'NoSuchUpload'].includes(code);
  return refused && error instanceof Error
    ? new PreconditionFailedError(error.message, { cause: error })
    : error;
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // The SDK's errors have this member.
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}
