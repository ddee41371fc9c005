import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EnableEnhancedMonitoringCommand,
  PutRecordCommand,
  type PutRecordsOutput,
} from '@aws-sdk/client-kinesis';
import { applyDeclared } from '../../../support/declarations.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { taken } from '../support/metrics.ts';
import { type KinesisTest, startKinesis } from '../support/server.ts';
import {
  callRaw,
  createStream,
  listShards,
  put,
  putAll,
  readShard,
  refused,
  SHARD_0,
  SHARD_1,
  texts,
} from '../support/streams.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
const message = (shardId: string) =>
  `Rate exceeded for shard ${shardId} in stream orders under account 000000000000.`;

test('a shard accepts 1,000 records per second, the next ones a second later', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'aws' } });
  await createStream(kinesis.client);
  await putAll(kinesis.client, 'orders', numbered(500));
  await putAll(kinesis.client, 'orders', numbered(500));
  await refused(
    put(kinesis.client, 'orders', 'x'),
    'ProvisionedThroughputExceededException',
    message(SHARD_0),
  );
  clock.advance(1);
  await put(kinesis.client, 'orders', 'y');
  await refused(put(kinesis.client, 'orders', 'z'), 'ProvisionedThroughputExceededException');
  clock.advance(1000);
  assert.equal((await putAll(kinesis.client, 'orders', numbered(500))).FailedRecordCount, 0);
});

test('a shard accepts 1 MB per second, including partition keys', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { mode: 'aws' } });
  await createStream(kinesis.client);
  const send = (bytes: number) =>
    kinesis.client.send(
      new PutRecordCommand({ StreamName: 'orders', PartitionKey: '1234', Data: Buffer.alloc(bytes) }),
    );
  await send(1024 * 1024 - 1000 - 4);
  await send(996);
  await refused(send(1), 'ProvisionedThroughputExceededException', message(SHARD_0));
  clock.advance(1000);
  await send(1024 * 1024 - 4);
  await refused(send(0), 'ProvisionedThroughputExceededException');
});

test("records of PutRecords that exceed a shard's limit fail individually, and the rest is stored in order", async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardWriteRecordsPerSecond: 20 } });
  await createStream(kinesis.client, 'orders', 2);
  const sent = numbered(100);
  const { Records = [], FailedRecordCount } = await putAll(kinesis.client, 'orders', sent);
  assert.equal(FailedRecordCount, 60);
  const kept = sent.filter((_, i) => Records[i]?.SequenceNumber !== undefined);
  const stored = [SHARD_0, SHARD_1].map((shardId) => readShard(kinesis.client, 'orders', shardId));
  const [first = [], second = []] = await Promise.all(stored);
  assert.equal(first.length, 20);
  assert.equal(second.length, 20);
  for (const [shardId, records] of [
    [SHARD_0, first],
    [SHARD_1, second],
  ] as const) {
    const ofShard = sent.filter((_, i) => Records[i]?.ShardId === shardId);
    assert.deepEqual(texts(records), ofShard);
    assert(ofShard.every((text) => kept.includes(text)));
    assert.deepEqual(
      records.map(({ SequenceNumber }) => SequenceNumber),
      Records.filter(({ ShardId }) => ShardId === shardId).map(({ SequenceNumber }) => SequenceNumber),
    );
  }
  for (const { SequenceNumber, ShardId, ErrorCode, ErrorMessage = '' } of Records) {
    if (SequenceNumber !== undefined) continue;
    assert.equal(ShardId, undefined);
    assert.equal(ErrorCode, 'ProvisionedThroughputExceededException');
    assert([message(SHARD_0), message(SHARD_1)].includes(ErrorMessage), ErrorMessage);
  }
});

test('once a shard has refused a record, later ones of the call do not overtake it', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardWriteBytesPerSecond: 1000 } });
  await createStream(kinesis.client);
  const first = await putAll(kinesis.client, 'orders', ['a'.repeat(250), 'b'.repeat(256), 'c']);
  assert.deepEqual(
    first.Records?.map(({ SequenceNumber }) => SequenceNumber !== undefined),
    [true, false, false],
  );
  clock.advance(1000);
  await putAll(kinesis.client, 'orders', ['b'.repeat(256), 'c']);
  const read = texts(await readShard(kinesis.client, 'orders'));
  assert.deepEqual(
    read.map((text) => text[0]),
    ['a', 'b', 'c'],
  );
});

test('resent until all are stored, every record is stored once and in order', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardWriteRecordsPerSecond: 7 } });
  await createStream(kinesis.client, 'orders', 3);
  let waiting = numbered(100);
  const sent = waiting;
  const shardOf = new Map<string, string>();
  while (waiting.length > 0) {
    const answer: PutRecordsOutput = await putAll(kinesis.client, 'orders', waiting);
    for (const [i, { ShardId }] of (answer.Records ?? []).entries()) {
      if (ShardId !== undefined) shardOf.set(waiting[i] ?? '', ShardId);
    }
    waiting = waiting.filter((_, i) => answer.Records?.[i]?.ErrorCode !== undefined);
    clock.advance(500);
  }
  for (const { ShardId = '' } of await listShards(kinesis.client, 'orders')) {
    const expected = sent.filter((text) => shardOf.get(text) === ShardId);
    assert.deepEqual(texts(await readShard(kinesis.client, 'orders', ShardId)), expected);
  }
});

const headers = { 'amz-sdk-invocation-id': 'f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f' };

async function putRepeatedly(kinesis: KinesisTest, input: object): Promise<void> {
  const send = () => callRaw(kinesis.endpoint, 'PutRecords', input, headers);
  const [first, atOnce] = await Promise.all([send(), send()]);
  assert.equal(first.body['FailedRecordCount'], 30);
  assert.deepEqual(atOnce, first);
  assert.deepEqual(await send(), first);
}

test('a retry of a partially stored call gets the first response, also after a restart or a reshard', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardWriteRecordsPerSecond: 10 } });
  await createStream(kinesis.client, 'orders', 2);
  const Records = numbered(50).map((text) => ({
    PartitionKey: text,
    Data: Buffer.from(text).toString('base64'),
  }));
  const input = { StreamName: 'orders', Records };
  await putRepeatedly(kinesis, input);
  clock.advance(5000);
  await putRepeatedly(kinesis, input);
  const first = await callRaw(kinesis.endpoint, 'PutRecords', input, headers);
  await kinesis.restart();
  await putRepeatedly(kinesis, input);
  clock.advance(1000);
  const split = {
    StreamName: 'orders',
    ShardToSplit: SHARD_0,
    NewStartingHashKey: (2n ** 126n).toString(),
  };
  assert.equal((await callRaw(kinesis.endpoint, 'SplitShard', split)).status, 200);
  assert.deepEqual(await callRaw(kinesis.endpoint, 'PutRecords', input, headers), first);
  const shards = await listShards(kinesis.client, 'orders');
  const stored = await Promise.all(
    shards.map(({ ShardId = '' }) => readShard(kinesis.client, 'orders', ShardId)),
  );
  assert.equal(stored.flat().length, 20);
});

test('a retry of a completely refused call is a new attempt', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardWriteRecordsPerSecond: 1 } });
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'first');
  const input = { StreamName: 'orders', PartitionKey: 'k', Data: 'AA==' };
  const send = () => callRaw(kinesis.endpoint, 'PutRecord', input, headers);
  const { status, body } = await send();
  assert.equal(status, 400);
  assert.deepEqual(body, { __type: 'ProvisionedThroughputExceededException', message: message(SHARD_0) });
  clock.advance(1000);
  const answer = await send();
  assert.equal(answer.status, 200);
  assert.deepEqual(await send(), answer);
  assert.equal((await readShard(kinesis.client, 'orders')).length, 2);
});

test('throttled records are counted, for the stream and its shards', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, limits: { shardWriteRecordsPerSecond: 3 } });
  await createStream(kinesis.client);
  await kinesis.client.send(
    new EnableEnhancedMonitoringCommand({ StreamName: 'orders', ShardLevelMetrics: ['ALL'] }),
  );
  await putAll(kinesis.client, 'orders', numbered(5));
  await refused(put(kinesis.client, 'orders', 'x'), 'ProvisionedThroughputExceededException');
  const counted = taken(kinesis.metrics, { StreamName: 'orders' });
  const sums = Object.fromEntries(Object.entries(counted).map(([name, { sum }]) => [name, sum]));
  assert.deepEqual(sums, {
    IncomingBytes: 3,
    IncomingRecords: 3,
    'PutRecord.Latency': 0,
    'PutRecord.Success': 0,
    'PutRecords.Bytes': 3,
    'PutRecords.FailedRecords': 2,
    'PutRecords.Latency': 0,
    'PutRecords.Records': 3,
    'PutRecords.Success': 1,
    'PutRecords.SuccessfulRecords': 3,
    'PutRecords.ThrottledRecords': 2,
    'PutRecords.TotalRecords': 5,
    WriteProvisionedThroughputExceeded: 3,
  });
  const ofShard = taken(kinesis.metrics, { StreamName: 'orders', ShardId: SHARD_0 });
  assert.equal(ofShard['WriteProvisionedThroughputExceeded']?.sum, 3);
  assert.equal(ofShard['IncomingRecords']?.sum, 3);
});

test('a stream can have its own limits, or none', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({
    clock,
    limits: { shardWriteRecordsPerSecond: 5 },
  });
  const streams = {
    orders: {},
    free: { limits: 'none' },
    slow: { limits: { shardWriteRecordsPerSecond: 2 } },
  };
  await applyDeclared(kinesis.kinesis.declarer, { streams });
  const failed: Record<string, number | undefined> = {};
  for (const name of ['orders', 'free', 'slow']) {
    failed[name] = (await putAll(kinesis.client, name, numbered(10))).FailedRecordCount;
  }
  assert.deepEqual(failed, { orders: 5, free: 0, slow: 8 });
});
