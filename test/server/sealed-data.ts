import assert from 'node:assert/strict';
import { join } from 'node:path';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  StartStreamEncryptionCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Credentials } from '../../src/auth/sign.ts';
import { AccessKeyTable } from '../../src/auth/keys/access-keys.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { openKeyStore } from '../../src/engine/key-store.ts';
import { StoredStreams } from '../../src/services/firehose/stored-streams.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { clientOptions } from '../support/server.ts';

/** Everything that a master key encrypts. */
export interface Sealed {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const HTTP_KEY = 'the key of an endpoint';
const RECORD = 'an encrypted record';
const CONTENT = 'an encrypted object';

/** Makes one of each kind of encrypted data. */
export async function seal(endpoint: string): Promise<Sealed> {
  const options = clientOptions(endpoint);
  const iam = new IAMClient(options);
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const object = { Bucket: 'sealed', Key: 'k', ServerSideEncryption: 'AES256' as const };
  await s3.send(new CreateBucketCommand({ Bucket: 'sealed' }));
  await s3.send(new PutObjectCommand({ ...object, Body: CONTENT }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...object, Key: 'parts' }));
  await s3.send(
    new UploadPartCommand({ Bucket: 'sealed', Key: 'parts', UploadId, PartNumber: 1, Body: CONTENT }),
  );
  const kinesis = new KinesisClient(options);
  const stream = { StreamName: 's' };
  await kinesis.send(new CreateStreamCommand({ ...stream, ShardCount: 1 }));
  await kinesis.send(
    new StartStreamEncryptionCommand({ ...stream, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
  );
  await kinesis.send(new PutRecordCommand({ ...stream, PartitionKey: 'p', Data: Buffer.from(RECORD) }));
  const firehose = new FirehoseClient(options);
  const role = { RoleARN: 'arn:aws:iam::000000000000:role/firehose' };
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'd',
      HttpEndpointDestinationConfiguration: {
        EndpointConfiguration: { Url: 'https://example.com/', AccessKey: HTTP_KEY },
        S3Configuration: { ...role, BucketARN: 'arn:aws:s3:::sealed' },
        ...role,
      },
    }),
  );
  for (const client of [iam, s3, kinesis, firehose]) client.destroy();
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  return { accessKeyId, secretAccessKey };
}

/** Reads the encrypted data that a running server shows. */
export async function checkServed(endpoint: string, credentials: Credentials): Promise<void> {
  const options = { ...clientOptions(endpoint), credentials };
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'sealed', Key: 'k' }));
  assert.equal(await Body?.transformToString(), CONTENT);
  const kinesis = new KinesisClient(options);
  const from = {
    StreamName: 's',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON' as const,
  };
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  assert.deepEqual(
    Records.map(({ Data }) => Buffer.from(Data ?? []).toString()),
    [RECORD],
  );
  for (const client of [s3, kinesis]) client.destroy();
}

/** Reads the secrets of a stopped server, with the keys that a start would use. */
export async function checkStored(dataDir: string, { accessKeyId, secretAccessKey }: Sealed): Promise<void> {
  const folder = join(dataDir, 'engine');
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  try {
    const keys = await openKeyStore({ catalog: engine.catalog, folder: join(dataDir, 'keys') });
    const table = new AccessKeyTable(engine, keys, systemClock);
    const row = await table.find(accessKeyId);
    assert.equal(row && table.secretOf(row), secretAccessKey);
    const [stream] = new StoredStreams(engine.catalog, keys).rows();
    const { destination } = stream ?? {};
    assert.ok(destination?.kind === 'HttpEndpoint');
    assert.equal(destination.settings.EndpointConfiguration.AccessKey, HTTP_KEY);
  } finally {
    await engine.close();
  }
}
