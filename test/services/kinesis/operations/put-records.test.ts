import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { one, taken } from '../support/metrics.ts';
import { startKinesis } from '../support/server.ts';
import {
  ARN,
  callRaw,
  createStream,
  putAll,
  readShard,
  refused,
  SHARD_0,
  SHARD_1,
  texts,
} from '../support/streams.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

test('each record gets its place; those of a shard keep the order of the request', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const sent = numbered(500);
  const { Records = [], FailedRecordCount } = await putAll(kinesis.client, 'orders', sent);
  assert.equal(FailedRecordCount, 0);
  for (const shardId of [SHARD_0, SHARD_1]) {
    const expected = sent.filter((_, i) => Records[i]?.ShardId === shardId);
    const read = await readShard(kinesis.client, 'orders', shardId);
    assert(expected.length > 200);
    assert.deepEqual(texts(read), expected);
    assert.deepEqual(
      read.map(({ SequenceNumber }) => SequenceNumber),
      Records.filter(({ ShardId }) => ShardId === shardId).map(({ SequenceNumber }) => SequenceNumber),
    );
  }
});

test('a retry stores nothing again and gets the first response', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 4);
  const Records = numbered(50).map((text) => ({
    PartitionKey: text,
    Data: Buffer.from(text).toString('base64'),
  }));
  const headers = { 'amz-sdk-invocation-id': 'f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f' };
  const input = { StreamName: 'orders', Records };
  const first = await callRaw(kinesis.endpoint, 'PutRecords', input, headers);
  assert.equal(first.status, 200);
  assert.deepEqual(await callRaw(kinesis.endpoint, 'PutRecords', input, headers), first);
  await kinesis.restart();
  assert.deepEqual(await callRaw(kinesis.endpoint, 'PutRecords', input, headers), first);
  const stored = await Promise.all(
    [0, 1, 2, 3].map((i) => readShard(kinesis.client, 'orders', `shardId-${i}`)),
  );
  assert.equal(stored.flat().length, 50);
});

test('too many records, none, or too much data is refused, and nothing is stored', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(putAll(kinesis.client, 'orders', numbered(501)), 'ValidationException', /'records'/);
  await refused(putAll(kinesis.client, 'orders', []), 'ValidationException', /'records'/);
  const large = Array.from({ length: 11 }, () => ({
    PartitionKey: 'k',
    Data: Buffer.alloc(1024 * 1024 - 1),
  }));
  const send = (Records: typeof large) =>
    kinesis.client.send(new PutRecordsCommand({ StreamARN: `${ARN}/orders`, Records }));
  await refused(send(large), 'InvalidArgumentException', 'Records size exceeds 10 MB limit');
  await refused(
    send([...large.slice(0, 2), { PartitionKey: 'k', Data: Buffer.alloc(2 * 1024 * 1024) }]),
    'ValidationException',
    /'records\.3\.member\.data' .* less than or equal to 1048576/,
  );
  assert.deepEqual(await readShard(kinesis.client, 'orders'), []);
});

test('partition keys are counted in bytes, like the data', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const most = 10 * 1024 * 1024;
  const send = (bytes: number, PartitionKey: string) => {
    const share = Math.floor(bytes / 20);
    const sizes = Array.from({ length: 20 }, (_, n) => (n === 0 ? bytes - 19 * share : share));
    const Records = sizes.map((size) => ({
      PartitionKey,
      Data: Buffer.alloc(size - Buffer.byteLength(PartitionKey)),
    }));
    return kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  };
  for (const key of ['k', '鍵'.repeat(256), '🔑é']) {
    await send(most, key);
    await refused(send(most + 1, key), 'InvalidArgumentException', 'Records size exceeds 10 MB limit');
  }
});

test('several violated constraints are reported in one error, with their places', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { status, body } = await callRaw(kinesis.endpoint, 'PutRecords', {
    StreamName: 'orders',
    Records: [
      { PartitionKey: '', Data: '' },
      { PartitionKey: 'k', Data: '', ExplicitHashKey: 'x' },
    ],
  });
  assert.equal(status, 400);
  assert.match(String(body['message']), /^2 validation errors detected: .*records\.1\.member\.partitionKey/);
  assert.match(String(body['message']), /records\.2\.member\.explicitHashKey/);
});

test('each call is counted', async () => {
  await using kinesis = await startKinesis({ clock: new ManualClock(1_790_000_000_000) });
  await createStream(kinesis.client);
  await putAll(kinesis.client, 'orders', ['123', '12345']);
  assert.deepEqual(taken(kinesis.metrics, { StreamName: 'orders' }), {
    IncomingBytes: one(8),
    IncomingRecords: one(2),
    'PutRecords.Bytes': one(8),
    'PutRecords.Success': one(1),
    'PutRecords.Latency': one(0),
    'PutRecords.Records': one(2),
    'PutRecords.TotalRecords': one(2),
    'PutRecords.SuccessfulRecords': one(2),
    'PutRecords.FailedRecords': one(0),
    'PutRecords.ThrottledRecords': one(0),
  });
});
