import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetRecordsCommand,
  type GetRecordsInput,
  type GetRecordsOutput,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { one, taken } from '../support/metrics.ts';
import { startKinesis } from '../support/server.ts';
import {
  ARN,
  createStream,
  iteratorFor,
  put,
  putAll,
  readFrom,
  readShard,
  refused,
  texts,
} from '../support/streams.ts';

const START = 1_790_000_000_000;
const HOUR = 3_600_000;
const read = (ShardIterator: string | undefined, options: Partial<GetRecordsInput> = {}) =>
  new GetRecordsCommand({ ShardIterator, ...options });

test('records are returned as they were put, with their arrival, and the next iterator continues', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  const numbers: (string | undefined)[] = [];
  for (const text of ['a', 'b', 'c']) {
    numbers.push((await put(kinesis.client, 'orders', text, `key ${text}`)).SequenceNumber);
    clock.advance(10);
  }
  const first = await kinesis.client.send(read(await iteratorFor(kinesis.client, 'orders'), { Limit: 2 }));
  assert.deepEqual(
    first.Records?.map((record) => [
      record.SequenceNumber,
      record.PartitionKey,
      record.ApproximateArrivalTimestamp,
    ]),
    [
      [numbers[0], 'key a', new Date(START)],
      [numbers[1], 'key b', new Date(START + 10)],
    ],
  );
  assert.equal(first.MillisBehindLatest, 20);
  assert.equal(first.ChildShards, undefined);
  const second = await kinesis.client.send(read(first.NextShardIterator));
  assert.deepEqual(texts(second.Records ?? []), ['c']);
  assert.equal(second.MillisBehindLatest, 0);
  const third = await kinesis.client.send(read(second.NextShardIterator));
  assert.deepEqual([third.Records, third.MillisBehindLatest], [[], 0]);
});

test('the same iterator always returns the same records', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await putAll(kinesis.client, 'orders', ['a', 'b']);
  const iterator = await iteratorFor(kinesis.client, 'orders');
  await kinesis.restart();
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(texts(await readFrom(kinesis.client, iterator)), ['a', 'b']);
  }
});

test('a call returns at most 10 MiB, but at least one record', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  for (let i = 0; i < 2; i++) {
    const Records = Array.from({ length: 9 }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(1_000_000) }));
    await kinesis.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  }
  const first = await kinesis.client.send(read(await iteratorFor(kinesis.client, 'orders')));
  const count = first.Records?.length ?? 0;
  assert(count >= 9 && count <= 10, `${count} records`);
  assert((first.MillisBehindLatest ?? 0) > 0);
  assert.equal((await readShard(kinesis.client, 'orders')).length, 18);
});

test('an iterator is valid for five minutes', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  const iterator = await iteratorFor(kinesis.client, 'orders');
  clock.advance(300_000);
  await kinesis.client.send(read(iterator));
  clock.advance(1);
  await refused(
    kinesis.client.send(read(iterator)),
    'ExpiredIteratorException',
    'Iterator expired. The iterator was created at time Mon Sep 21 14:13:20 UTC 2026 while right now it is ' +
      'Mon Sep 21 14:18:20 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.',
  );
});

test('an iterator that this server did not create is refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const iterator = await iteratorFor(kinesis.client, 'orders');
  const changed = iterator.replace(
    /^(.{40})./,
    (_, before: string) => `${before}${iterator[40] === 'A' ? 'B' : 'A'}`,
  );
  for (const token of ['AAAA', 'hello', changed]) {
    await refused(kinesis.client.send(read(token)), 'InvalidArgumentException', 'Invalid ShardIterator.');
  }
  await using other = await startKinesis();
  await createStream(other.client);
  await refused(other.client.send(read(iterator)), 'InvalidArgumentException', 'Invalid ShardIterator.');
});

test('a named stream must be that of the iterator', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await createStream(kinesis.client, 'other');
  const iterator = await iteratorFor(kinesis.client, 'orders');
  await kinesis.client.send(read(iterator, { StreamARN: `${ARN}/orders` }));
  await refused(
    kinesis.client.send(read(iterator, { StreamARN: `${ARN}/other` })),
    'InvalidArgumentException',
  );
  await refused(kinesis.client.send(read(iterator, { DryRun: true })), 'DryRunOperationException');
});

test('records expire to the millisecond after the retention period', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  for (const text of ['a', 'b', 'c']) {
    await put(kinesis.client, 'orders', text);
    clock.advance(1000);
  }
  clock.advance(24 * HOUR - 3000);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['a', 'b', 'c']);
  clock.advance(1);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['b', 'c']);
  // An iterator for what is gone goes on with what is there.
  const old = await iteratorFor(kinesis.client, 'orders');
  clock.advance(1000);
  assert.deepEqual(texts(await readFrom(kinesis.client, old)), ['c']);
  clock.advance(1000);
  const answer = await kinesis.client.send(read(old));
  assert.deepEqual([answer.Records, answer.MillisBehindLatest], [[], 0]);
  await put(kinesis.client, 'orders', 'd');
  assert.deepEqual(texts(await readFrom(kinesis.client, answer.NextShardIterator ?? '')), ['d']);
});

test('each call is counted, with the age of its last record', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await putAll(kinesis.client, 'orders', ['a', 'bc']);
  taken(kinesis.metrics, { StreamName: 'orders' });
  clock.advance(500);
  await readShard(kinesis.client, 'orders');
  assert.deepEqual(taken(kinesis.metrics, { StreamName: 'orders' }), {
    'GetRecords.Bytes': one(3),
    'GetRecords.Records': one(2),
    'GetRecords.Latency': one(0),
    'GetRecords.Success': one(1),
    'GetRecords.IteratorAgeMilliseconds': one(500),
    'GetRecords.IteratorAge': one(500),
  });
});

// 400 connections that asked for 11 MB each and did not read took 5.5 GB.
test('when memory for responses is scarce, fewer records are returned at once, and all of them in the end', async () => {
  const scarce = { bytesMax: 1, hardBytesMax: 8 * 2 ** 20, smallBytes: 32 * 1024 };
  await using kinesis = await startKinesis({ responseBounds: scarce });
  await createStream(kinesis.client);
  const written = Array.from({ length: 40 }, (_, n) => `${n} `.padEnd(5000, 'x'));
  for (const text of written) await put(kinesis.client, 'orders', text, 'key');
  let next: string | undefined = await iteratorFor(kinesis.client, 'orders');
  const found: string[] = [];
  for (let behind = 1; behind > 0;) {
    const answer: GetRecordsOutput = await kinesis.client.send(read(next));
    const records = answer.Records ?? [];
    assert.ok(records.length > 0 && records.length < 5, `${records.length} records`);
    found.push(...texts(records));
    behind = answer.MillisBehindLatest ?? 0;
    next = answer.NextShardIterator;
  }
  assert.deepEqual(found, written);
  // One record is always given, however large.
  await put(kinesis.client, 'orders', 'y'.repeat(500_000), 'key');
  const { Records } = await kinesis.client.send(read(next));
  assert.deepEqual(
    Records?.map(({ Data }) => Data?.length),
    [500_000],
  );
});

// AWS takes it, recorded: `--query ShardIterator` without `--output text` prints the iterator so.
test('an iterator in quotation marks is accepted', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'a');
  const iterator = await iteratorFor(kinesis.client, 'orders', { ShardIteratorType: 'TRIM_HORIZON' });
  const { Records } = await kinesis.client.send(read(`"${iterator}"`));
  assert.deepEqual(texts(Records ?? []), ['a']);
  for (const wrong of [`"${iterator}`, `""${iterator}""`, '"', '""']) {
    await refused(kinesis.client.send(read(wrong)), 'InvalidArgumentException');
  }
});
