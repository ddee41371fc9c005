import { createHash } from 'node:crypto';
import type * as S3Sdk from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { s3ClientConfig } from '../../../support/s3-client.ts';
import { snapshotLimits } from './limits.ts';
import type { ObjectEntry, SnapshotObjects } from './objects.ts';

export interface S3SnapshotOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Undefined: as the AWS SDK finds them. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** The SDK is loaded here, so that a server without snapshots does not load it. */
export async function openS3Objects(options: S3SnapshotOptions): Promise<S3SnapshotObjects> {
  return new S3SnapshotObjects(await import('@aws-sdk/client-s3'), options);
}

/** A bucket, which is created with the first object if it does not exist. */
export class S3SnapshotObjects implements SnapshotObjects {
  readonly #sdk: typeof S3Sdk;
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(sdk: typeof S3Sdk, { endpoint, region, bucket, credentials }: S3SnapshotOptions) {
    this.#sdk = sdk;
    this.#bucket = bucket;
    const { connectMs, answerMs } = snapshotLimits;
    this.#client = new sdk.S3Client({
      ...s3ClientConfig({ endpoint, region, credentials, connectMs, answerMs }),
      // What a failed request means is decided by the caller.
      maxAttempts: 1,
    });
  }

  create(key: string, body: Uint8Array): Promise<string | undefined> {
    return this.#write(key, body, { IfNoneMatch: '*' });
  }

  replace(key: string, etag: string, body: Uint8Array): Promise<string | undefined> {
    return this.#write(key, body, { IfMatch: etag });
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#write(key, body, {});
  }

  async read(key: string): Promise<{ readonly etag: string; readonly body: Buffer } | undefined> {
    const command = new this.#sdk.GetObjectCommand({ Bucket: this.#bucket, Key: key });
    try {
      const { Body: body, ETag: etag = '' } = await this.#client.send(command);
      return { etag, body: Buffer.from((await body?.transformToByteArray()) ?? []) };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly ObjectEntry[]> {
    const found: ObjectEntry[] = [];
    let token: string | undefined;
    do {
      const command = new this.#sdk.ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      try {
        const { Contents: objects = [], NextContinuationToken: next } = await this.#client.send(command);
        for (const { Key: key = '', ETag: etag = '', Size: bytes = 0 } of objects)
          found.push({ key, etag, bytes });
        token = next;
      } catch (error) {
        if (isNoBucket(error)) return [];
        throw error;
      }
    } while (token !== undefined);
    return found;
  }

  async delete(key: string): Promise<void> {
    try {
      await this.#client.send(new this.#sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }

  close(): void {
    this.#client.destroy();
  }

  async #write(
    key: string,
    body: Uint8Array,
    condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string },
  ): Promise<string | undefined> {
    const command = new this.#sdk.PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: body,
      // The store refuses what was damaged on its way.
      ContentMD5: createHash('md5').update(body).digest('base64'),
      ...condition,
    });
    try {
      const { ETag: etag = '' } = await this.#client.send(command);
      return etag;
    } catch (error) {
      if (isNoBucket(error)) {
        await this.#createBucket();
        return await this.#write(key, body, condition);
      }
      const status = statusOf(error);
      // 404: there is no object to replace. 409: another write of this object is under way.
      if (status === 412 || status === 409 || (status === 404 && condition.IfMatch !== undefined))
        return undefined;
      throw error;
    }
  }

  async #createBucket(): Promise<void> {
    try {
      await this.#client.send(new this.#sdk.CreateBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      if (!(error instanceof this.#sdk.BucketAlreadyOwnedByYou)) throw error;
    }
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // All errors of the SDK that come from an answer have it.
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}

function isNoBucket(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchBucket';
}
