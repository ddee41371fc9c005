import { FirehoseClient } from '@aws-sdk/client-firehose';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  S3Client,
} from '@aws-sdk/client-s3';
import { gunzipSync } from 'node:zlib';
import type { Config } from '../../../src/config.ts';
import { clientOptions } from '../../support/client.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/firehose';

export interface FirehoseWorld extends AsyncDisposable {
  readonly server: TestServer;
  readonly firehose: FirehoseClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
  createBucket(name: string): Promise<void>;
  /** The objects of a bucket, in the order of their keys; none if it does not exist. */
  objects(bucket: string): Promise<{ readonly key: string; readonly text: string }[]>;
}

export async function startFirehose(options: Partial<Config> = {}): Promise<FirehoseWorld> {
  const server = await startTestServer(options);
  const client = clientOptions(server.endpoint);
  const firehose = new FirehoseClient(client);
  const kinesis = new KinesisClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  return {
    server,
    firehose,
    kinesis,
    s3,
    async createBucket(name) {
      await s3.send(new CreateBucketCommand({ Bucket: name }));
    },
    async objects(bucket) {
      const { Contents = [] } = await s3
        .send(new ListObjectsV2Command({ Bucket: bucket }))
        .catch((error: unknown) => {
          if (error instanceof NoSuchBucket) return { Contents: [] };
          throw error;
        });
      const found = [];
      for (const { Key = '' } of Contents) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
        const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
        found.push({ key: Key, text: (isGzip ? gunzipSync(bytes) : bytes).toString() });
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      firehose.destroy();
      kinesis.destroy();
      s3.destroy();
      await server.close();
    },
  };
}

/** An extended S3 destination that does not wait for its buffer to fill. */
export function s3Destination(bucket: string, more: object = {}) {
  return {
    RoleARN: ROLE,
    BucketARN: `arn:aws:s3:::${bucket}`,
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
    ...more,
  };
}
