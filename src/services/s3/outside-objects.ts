import type * as S3Sdk from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStoreSettings } from '../../config/object-store.ts';
import { s3ClientConfig } from '../../support/s3-client.ts';
import { s3Limits } from './limits.ts';
import type { ObjectPage, ObjectsElsewhere } from './object-store.ts';

/** What people see of another S3 that has the server's objects: a page of a list, a part of an object. */
export class OutsideObjects implements ObjectsElsewhere {
  readonly endpoint: string;
  readonly #sdk: typeof S3Sdk;
  readonly #client: S3Client;

  private constructor(sdk: typeof S3Sdk, { endpoint, region, key }: ObjectStoreSettings) {
    this.endpoint = endpoint;
    this.#sdk = sdk;
    this.#client = new sdk.S3Client(
      s3ClientConfig({
        endpoint,
        region,
        credentials: key,
        connectMs: s3Limits.remoteStoreConnectTimeoutMs,
        answerMs: s3Limits.remoteStoreRequestTimeoutMs,
      }),
    );
  }

  static async open(settings: ObjectStoreSettings): Promise<OutsideObjects> {
    return new OutsideObjects(await import('@aws-sdk/client-s3'), settings);
  }

  async buckets({ prefix, token, most }: ObjectPage) {
    // Many stores return all buckets, whatever they are asked for.
    const { Buckets = [], ContinuationToken: next } = await this.#client.send(
      new this.#sdk.ListBucketsCommand({
        MaxBuckets: most,
        ...(prefix !== '' && { Prefix: prefix }),
        ...(token !== '' && { ContinuationToken: token }),
      }),
    );
    const buckets = Buckets.map(({ Name = '', CreationDate }) => ({
      name: Name,
      createdMs: CreationDate?.getTime() ?? 0,
    }));
    return { buckets: buckets.filter(({ name }) => name.startsWith(prefix)).slice(0, most), next };
  }

  async objects(bucket: string, { prefix, token, most }: ObjectPage) {
    const {
      CommonPrefixes = [],
      Contents = [],
      NextContinuationToken: next,
    } = await this.#client.send(
      new this.#sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: '/',
        MaxKeys: most,
        ...(token !== '' && { ContinuationToken: token }),
      }),
    );
    return {
      prefixes: CommonPrefixes.map(({ Prefix = '' }) => Prefix),
      objects: Contents.map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key,
        sizeBytes: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      })),
      next,
    };
  }

  /** `range`: as in HTTP, such as `bytes=-100`. */
  async read(bucket: string, key: string, range: string) {
    const answer = await this.#client.send(
      new this.#sdk.GetObjectCommand({ Bucket: bucket, Key: key, Range: range }),
    );
    const body = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
    return {
      sizeBytes: Number(total ?? body.length),
      modifiedMs: answer.LastModified?.getTime() ?? 0,
      contentType: answer.ContentType ?? '',
      body,
    };
  }

  close(): void {
    this.#client.destroy();
  }
}
