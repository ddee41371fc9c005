import type * as S3Sdk from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { reasonOf } from '../../support/errno.ts';
import { s3ClientConfig } from '../../support/s3-client.ts';
import { S3SetupError, SlotError } from './errors.ts';
import { s3LogLimits } from './limits.ts';

export interface S3Options {
  readonly bucket: string;
  /** Undefined for AWS's own. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
}

/** The few operations of S3 that the log needs. Each is one request: the caller repeats those that fail. */
export interface Objects {
  /** Returns false if the object exists already. */
  create(key: string, body: Uint8Array): Promise<boolean>;
  read(key: string, signal?: AbortSignal): Promise<Buffer | undefined>;
  exists(key: string): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** The first keys with this prefix, in order. */
  list(prefix: string, keysMax: number): Promise<readonly string[]>;
  close(): void;
}

/** The SDK is loaded here, so that a server without a log in S3 does not load it. Keys are found as the SDK finds them. */
export async function openObjects(options: S3Options): Promise<Objects> {
  return new S3Objects(await import('@aws-sdk/client-s3'), options);
}

class S3Objects implements Objects {
  readonly #sdk: typeof S3Sdk;
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(sdk: typeof S3Sdk, { bucket, endpoint, region }: S3Options) {
    this.#sdk = sdk;
    this.#bucket = bucket;
    const { connectMs, answerMs } = s3LogLimits;
    this.#client = new sdk.S3Client({
      ...s3ClientConfig({ endpoint, region, connectMs, answerMs }),
      // The log decides itself what a failed request means.
      maxAttempts: 1,
    });
  }

  async create(key: string, body: Uint8Array): Promise<boolean> {
    const command = new this.#sdk.PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: body,
      IfNoneMatch: '*',
    });
    try {
      await this.#client.send(command);
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      throw explained(error, this.#bucket);
    }
  }

  async read(key: string, signal?: AbortSignal): Promise<Buffer | undefined> {
    const command = new this.#sdk.GetObjectCommand({ Bucket: this.#bucket, Key: key });
    try {
      const { Body: body, ContentLength: length = 0 } = await this.#client.send(command, {
        ...(signal && { abortSignal: signal }),
      });
      if (length > s3LogLimits.objectBytesMax) throw new SlotError(key, `it has ${length} bytes`);
      const bytes = (await body?.transformToByteArray()) ?? new Uint8Array();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (error) {
      if (statusOf(error) === 404 && !isNoBucket(error)) return undefined;
      throw explained(error, this.#bucket);
    }
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.#client.send(new this.#sdk.HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw explained(error, this.#bucket);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await this.#client.send(new this.#sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    } catch (error) {
      if (statusOf(error) !== 404) throw explained(error, this.#bucket);
    }
  }

  async list(prefix: string, keysMax: number): Promise<readonly string[]> {
    const command = new this.#sdk.ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      MaxKeys: keysMax,
    });
    try {
      const { Contents: objects = [] } = await this.#client.send(command);
      return objects.flatMap(({ Key: key }) => (key === undefined ? [] : [key]));
    } catch (error) {
      throw explained(error, this.#bucket);
    }
  }

  close(): void {
    this.#client.destroy();
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

/** Refusals that only the operator can end. They may also pass: rights and keys are renewed while nagare runs. */
function explained(error: unknown, bucket: string): unknown {
  if (isNoBucket(error)) {
    return new S3SetupError(`the bucket ${bucket} of the shared log does not exist`, { cause: error });
  }
  const status = statusOf(error);
  if (status === 401 || status === 403) {
    const reason = reasonOf(error);
    return new S3SetupError(`S3 refuses access to the bucket ${bucket}: ${reason}`, { cause: error });
  }
  return error;
}
