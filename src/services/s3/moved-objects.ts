import { createHash } from 'node:crypto';
import type * as S3Sdk from '@aws-sdk/client-s3';
import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStoreSettings } from '../../config/object-store.ts';
import { UserError } from '../../errors.ts';
import type { Log } from '../../support/log.ts';
import { s3ClientConfig } from '../../support/s3-client.ts';
import type { BucketInfo } from './embedded/bucket-info.ts';
import type { ObjectMeta } from './embedded/object-meta.ts';
import type { OpenObject } from './embedded/open-object.ts';
import { encodeWords } from './encoded-words.ts';
import { s3Limits } from './limits.ts';

type Sdk = typeof S3Sdk;

/** An object of another S3, with all that belongs to it. */
export interface MovedObject {
  readonly body: AsyncIterable<Uint8Array>;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly isEncrypted: boolean;
}

/** The S3 that whole buckets are moved to and from. It has no other objects of the same names. */
export class MovedObjects {
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #endpoint: string;
  readonly #log: Log;

  private constructor(sdk: Sdk, { endpoint, region, key }: ObjectStoreSettings, log: Log) {
    this.#sdk = sdk;
    this.#endpoint = endpoint;
    this.#log = log;
    const config = s3ClientConfig({
      endpoint,
      region,
      credentials: key,
      connectMs: s3Limits.remoteStoreConnectTimeoutMs,
      answerMs: s3Limits.remoteStoreRequestTimeoutMs,
    });
    this.#client = new sdk.S3Client(config);
  }

  static async open(settings: ObjectStoreSettings, log: Log): Promise<MovedObjects> {
    return new MovedObjects(await import('@aws-sdk/client-s3'), settings, log);
  }

  /** Succeeds when it exists already. Settings that the store does not know are left out, with a warning. */
  async createBucket(bucket: string, { tags, encryption, policy }: BucketInfo): Promise<void> {
    const sdk = this.#sdk;
    const Bucket = bucket;
    try {
      await this.#client.send(new sdk.CreateBucketCommand({ Bucket }));
    } catch (error) {
      if (!(error instanceof sdk.BucketAlreadyOwnedByYou)) throw error;
    }
    const TagSet = tagSetOf(tags);
    if (TagSet.length > 0) {
      const Tagging = { TagSet };
      await this.#set(bucket, 'tags', () =>
        this.#client.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging })),
      );
    }
    if (policy !== undefined) {
      const put = new sdk.PutBucketPolicyCommand({ Bucket, Policy: policy });
      await this.#set(bucket, 'policy', () => this.#client.send(put));
    }
    if (encryption !== undefined) {
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: encryption } }];
      const ServerSideEncryptionConfiguration = { Rules };
      const put = new sdk.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration });
      await this.#set(bucket, 'default encryption', () => this.#client.send(put));
    }
  }

  /** Writes an object unless it is there already. Reads and closes `opened`. Throws OtherObjectError. */
  async put(bucket: string, opened: OpenObject): Promise<void> {
    const { meta } = opened;
    const target = { Bucket: bucket, Key: meta.key };
    const present = await this.#head(target);
    if (present !== undefined) {
      if (await this.#isSame(target, present, opened)) return;
      throw new OtherObjectError(`${this.#endpoint} has another object ${bucket}/${meta.key} already`);
    }
    const partBytes = Math.max(s3Limits.movedPartBytes, Math.ceil(meta.sizeBytes / s3Limits.objectPartsMax));
    const parts = partsOf(opened.read(0, meta.sizeBytes), partBytes);
    if (meta.sizeBytes <= partBytes) {
      const first = await parts.next();
      const Body = first.done === true ? Buffer.alloc(0) : first.value;
      await parts.return();
      await this.#client.send(
        new this.#sdk.PutObjectCommand({ ...target, ...describedAs(meta), Body, IfNoneMatch: '*' }),
      );
    } else await this.#upload(target, meta, parts);
  }

  async *keys(bucket: string): AsyncGenerator<string, void, undefined> {
    for (let ContinuationToken: string | undefined; ;) {
      const page: S3Sdk.ListObjectsV2CommandOutput = await this.#client.send(
        new this.#sdk.ListObjectsV2Command({ Bucket: bucket, ContinuationToken }),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      ContinuationToken = page.NextContinuationToken;
      if (ContinuationToken === undefined) return;
    }
  }

  /** Undefined when it was deleted in the meantime. */
  async get(bucket: string, key: string): Promise<MovedObject | undefined> {
    const target = { Bucket: bucket, Key: key };
    const found = await this.#client.send(new this.#sdk.GetObjectCommand(target)).catch(undefinedIfGone);
    if (found === undefined) return undefined;
    const { TagSet = [] } =
      (found.TagCount ?? 0) === 0
        ? {}
        : await this.#client.send(new this.#sdk.GetObjectTaggingCommand(target));
    return {
      // In Node the body is a stream of buffers.
      body: (found.Body ?? []) as unknown as AsyncIterable<Uint8Array>,
      headers: headersOf(found),
      metadata: found.Metadata ?? {},
      tags:
        TagSet.length === 0
          ? undefined
          : Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value])),
      isEncrypted: found.ServerSideEncryption === 'AES256',
    };
  }

  close(): void {
    this.#client.destroy();
  }

  async #set(bucket: string, what: string, set: () => Promise<unknown>): Promise<void> {
    try {
      await set();
    } catch (error) {
      if (![400, 405, 501].includes(statusOf(error) ?? 0)) throw error;
      this.#log.warn(
        { bucket, setting: what, err: error },
        'the other S3 does not take a setting of a bucket',
      );
    }
  }

  async #head(target: { Bucket: string; Key: string }): Promise<HeadObjectCommandOutput | undefined> {
    return await this.#client.send(new this.#sdk.HeadObjectCommand(target)).catch(undefinedIfGone);
  }

  /** An earlier attempt has written it. */
  async #isSame(
    target: { Bucket: string; Key: string },
    present: HeadObjectCommandOutput,
    opened: OpenObject,
  ): Promise<boolean> {
    const { sizeBytes, etag } = opened.meta;
    if (present.ContentLength !== sizeBytes || present.ETag === `"${etag}"`) {
      await opened.close();
      return present.ContentLength === sizeBytes;
    }
    const { Body } = await this.#client.send(new this.#sdk.GetObjectCommand(target));
    // In Node the body is a stream of buffers.
    const theirs = await sumOf((Body ?? []) as unknown as AsyncIterable<Uint8Array>);
    return theirs === (await sumOf(opened.read(0, sizeBytes)));
  }

  async #upload(
    target: { Bucket: string; Key: string },
    meta: ObjectMeta,
    parts: AsyncGenerator<Buffer, void, undefined>,
  ): Promise<void> {
    const sdk = this.#sdk;
    const create = new sdk.CreateMultipartUploadCommand({ ...target, ...describedAs(meta) });
    const { UploadId } = await this.#client.send(create);
    const upload = { ...target, UploadId };
    try {
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for await (const Body of parts) {
        const PartNumber = Parts.length + 1;
        const { ETag } = await this.#client.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body }));
        Parts.push({ PartNumber, ETag });
      }
      const complete = { ...upload, MultipartUpload: { Parts } };
      await this.#client.send(new sdk.CompleteMultipartUploadCommand(complete));
    } catch (error) {
      await this.#client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }
}

export class OtherObjectError extends UserError {
  override readonly name = 'OtherObjectError';
}

function describedAs({ headers, metadata, tags, encryption }: ObjectMeta) {
  const Tagging = new URLSearchParams(tags).toString();
  const expires = headers['expires'];
  return {
    ContentType: headers['content-type'],
    CacheControl: headers['cache-control'],
    ContentDisposition: headers['content-disposition'],
    ContentEncoding: headers['content-encoding'],
    ContentLanguage: headers['content-language'],
    ...(expires !== undefined && { Expires: new Date(expires) }),
    Metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encodeWords(value)])),
    ...(Tagging !== '' && { Tagging }),
    ...(encryption !== undefined && { ServerSideEncryption: 'AES256' as const }),
  };
}

function headersOf(found: S3Sdk.GetObjectCommandOutput): Record<string, string> {
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ExpiresString } =
    found;
  const given = {
    'content-type': ContentType ?? 'binary/octet-stream',
    'cache-control': CacheControl,
    'content-disposition': ContentDisposition,
    'content-encoding': ContentEncoding,
    'content-language': ContentLanguage,
    expires: ExpiresString,
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) headers[name] = value;
  return headers;
}

function tagSetOf(tags: Readonly<Record<string, string>> = {}): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Buffers of this size, and a smaller one at the end. */
async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + partBytes - bytes);
      waiting.push(piece);
      at += piece.length;
      bytes += piece.length;
      if (bytes < partBytes) continue;
      yield Buffer.concat(waiting);
      [waiting, bytes] = [[], 0];
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

async function sumOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function undefinedIfGone(error: unknown): undefined {
  if (statusOf(error) === 404) return undefined;
  throw error;
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // The SDK's errors have this member.
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}
