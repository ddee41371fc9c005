import assert from 'node:assert/strict';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  CreateChannelCommand,
  type CreateChannelInput,
  CreateStreamCommand,
  KinesisClient,
  type S3DestinationConfiguration,
} from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type _Object,
} from '@aws-sdk/client-s3';
import type { Config } from '../../../../src/config.ts';
import { clientOptions, startTestServer } from '../../../support/server.ts';
import { ARN } from './streams.ts';
import { until } from '../../../support/until.ts';

export const ACCOUNT = '000000000000';
export const BUCKET_ARN = 'arn:aws:s3:::bucket';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/delivery`;

/** A whole server with an on-demand stream `orders` of 4 shards and a bucket `bucket`. */
export async function startChannels(options: Partial<Config> = {}) {
  const server = await startTestServer(options);
  const { client, s3, destroy } = clients(server.endpoint);
  await createOnDemand(client, 'orders');
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  return {
    server,
    client,
    s3,
    async [Symbol.asyncDispose]() {
      destroy();
      await server.close();
    },
  };
}

export function clients(endpoint: string) {
  const client = new KinesisClient(clientOptions(endpoint));
  const s3 = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true });
  return {
    client,
    s3,
    destroy: () => {
      client.destroy();
      s3.destroy();
    },
  };
}

export async function createOnDemand(client: KinesisClient, StreamName: string): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName, StreamModeDetails: { StreamMode: 'ON_DEMAND' } }));
}

interface Changes {
  readonly channel?: Partial<CreateChannelInput>;
  readonly destination?: Partial<S3DestinationConfiguration>;
  readonly storage?: Partial<NonNullable<S3DestinationConfiguration['StorageConfiguration']>>;
  readonly format?: 'JSON' | 'STRING' | 'BYTE_ARRAY' | 'GSR_JSON';
  readonly stream?: string;
}

/** Texts from `orders` to `bucket`, at most a second old; changed as asked. */
export function channelInput(ChannelName: string, changes: Changes = {}): CreateChannelInput {
  const { channel, destination, storage, format = 'STRING', stream = 'orders' } = changes;
  return {
    ChannelName,
    ServiceExecutionRoleARN: ROLE,
    StreamConfigurationList: [
      { StreamARN: `${ARN}/${stream}`, RecordConfiguration: { RecordFormatType: format } },
    ],
    S3DestinationConfiguration: {
      DataFreshnessInSeconds: 1,
      StorageConfiguration: {
        BucketARN: BUCKET_ARN,
        ExpectedBucketOwner: ACCOUNT,
        CompressionType: 'NONE',
        ...storage,
      },
      ...destination,
    },
    ...channel,
  };
}

export async function createChannel(client: KinesisClient, name = 'archive', changes: Changes = {}) {
  const { ChannelDescription } = await client.send(new CreateChannelCommand(channelInput(name, changes)));
  assert(ChannelDescription !== undefined);
  return ChannelDescription;
}

export async function objectsIn(s3: S3Client, Bucket = 'bucket'): Promise<_Object[]> {
  const objects: _Object[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    objects.push(...(page.Contents ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return objects;
}

/** An object's bytes, decompressed as its key says. */
export async function bytesOf(s3: S3Client, Key: string, Bucket = 'bucket'): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  if (Key.endsWith('.gz')) return gunzipSync(bytes);
  return Key.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
}

/** The lines of the bucket's objects (not of the refused records), when there are so many; in the order of the keys. */
export async function linesIn(s3: S3Client, count: number, Bucket = 'bucket'): Promise<string[]> {
  const seen = new Map<string, string>();
  const read = async (): Promise<string[]> => {
    for (const { Key = '' } of await objectsIn(s3, Bucket)) {
      if (!seen.has(Key) && !Key.includes('/errors/'))
        seen.set(Key, (await bytesOf(s3, Key, Bucket)).toString());
    }
    const texts = [...seen].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
    return texts.flatMap((text) => text.split('\n').slice(0, -1));
  };
  return await until(
    async () => {
      const lines = await read();
      return lines.length >= count && lines;
    },
    { what: `${count} lines`, withinMs: 60_000, pauseMs: 100 },
  );
}
