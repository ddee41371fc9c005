import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { GetShardIteratorInput } from '@aws-sdk/client-kinesis';
import { openSubject, refuses, SHARD_0, SHARD_1, texts } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;
let stream: string;
let numbers: string[];
let otherShardsNumber: string;

/** Three records in the first shard, one in the second. */
before(async () => {
  stream = await subject.stream({ ShardCount: 2 });
  numbers = [];
  for (const text of ['a', 'b', 'c']) numbers.push((await subject.put(stream, text, '0')).number);
  otherShardsNumber = (await subject.put(stream, 'other', (2n ** 127n).toString())).number;
});

async function readAs(options: Partial<GetShardIteratorInput>, count: number): Promise<string[]> {
  return texts(await subject.read(await subject.iterator(stream, options), count));
}

test('TRIM_HORIZON starts at the oldest record', async () => {
  assert.deepEqual(await readAs({ ShardIteratorType: 'TRIM_HORIZON' }, 3), ['a', 'b', 'c']);
});

test('AT_SEQUENCE_NUMBER starts at that record, AFTER_SEQUENCE_NUMBER at the next', async () => {
  const StartingSequenceNumber = numbers[1];
  const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber } as const;
  assert.deepEqual(await readAs(at, 2), ['b', 'c']);
  const behind = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber } as const;
  assert.deepEqual(await readAs(behind, 1), ['c']);
});

test('AT_TIMESTAMP starts at the first record that arrived at that time or later', async () => {
  const early = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(0) } as const;
  assert.deepEqual(await readAs(early, 3), ['a', 'b', 'c']);
  const records = await subject.read(await subject.iterator(stream), 3);
  const Timestamp = records[2]?.ApproximateArrivalTimestamp;
  assert(Timestamp !== undefined);
  const late = await readAs({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp }, 1);
  assert.equal(late.at(-1), 'c');
});

test('LATEST starts at the first record put after the call', async () => {
  const other = await subject.stream();
  await subject.put(other, 'before');
  const iterator = await subject.iterator(other, { ShardIteratorType: 'LATEST' });
  await subject.put(other, 'after');
  assert.deepEqual(texts(await subject.read(iterator, 1)), ['after']);
});

test('an iterator leads to the next one, even when there is nothing to read', async () => {
  const iterator = await subject.iterator(stream, { ShardIteratorType: 'LATEST' });
  const { Records, NextShardIterator, MillisBehindLatest } = await kinesis.getRecords({
    ShardIterator: iterator,
  });
  assert.deepEqual(Records, []);
  assert.equal(MillisBehindLatest, 0);
  assert((NextShardIterator ?? '') !== '');
  assert.notEqual(NextShardIterator, iterator);
});

test('Limit bounds the number of records, and the next iterator continues there', async () => {
  const first = await kinesis.getRecords({ ShardIterator: await subject.iterator(stream), Limit: 2 });
  assert.deepEqual(texts(first.Records ?? []), ['a', 'b']);
  const rest = await kinesis.getRecords({ ShardIterator: first.NextShardIterator });
  assert.deepEqual(texts(rest.Records ?? []), ['c']);
  for (const [Limit, bound] of [
    [0, /greater than or equal to 1/],
    [10_001, /less than or equal to 10000/],
  ] as const) {
    const call = kinesis.getRecords({ ShardIterator: first.NextShardIterator, Limit });
    await refuses(call, 'ValidationException', bound);
  }
});

test('the same iterator reads the same records again', async () => {
  const ShardIterator = await subject.iterator(stream);
  for (const _ of [1, 2]) {
    const { Records = [] } = await kinesis.getRecords({ ShardIterator, Limit: 3 });
    assert.deepEqual(texts(Records), ['a', 'b', 'c']);
  }
});

test('a type requires a sequence number, a time, or neither', async () => {
  const either =
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
    '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified';
  await refuses(
    subject.iterator(stream, { ShardIteratorType: 'AT_SEQUENCE_NUMBER' }),
    'InvalidArgumentException',
    `${either} AT_SEQUENCE_NUMBER and no StartingSequenceNumber.`,
  );
  await refuses(
    subject.iterator(stream, { ShardIteratorType: 'LATEST', StartingSequenceNumber: numbers[0] }),
    'InvalidArgumentException',
    `${either} LATEST and also a StartingSequenceNumber.`,
  );
  await refuses(
    subject.iterator(stream, { ShardIteratorType: 'AT_TIMESTAMP' }),
    'InvalidArgumentException',
    'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp ' +
      'parameter.',
  );
  await refuses(
    subject.iterator(stream, {
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Date(Date.now() + 3_600_000),
    }),
    'InvalidArgumentException',
    /^The timestampInMillis parameter cannot be greater than the currentTimestampInMillis\./,
  );
});

test('a sequence number must be valid, and of this shard', async () => {
  const ask = (StartingSequenceNumber: string) =>
    subject.iterator(stream, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber });
  await refuses(
    ask('5'),
    'InvalidArgumentException',
    `StartingSequenceNumber 5 used in GetShardIterator on shard ${SHARD_0} in stream ${stream} under account ` +
      '<account> is invalid.',
  );
  await refuses(
    ask(otherShardsNumber),
    'InvalidArgumentException',
    `Invalid StartingSequenceNumber. It encodes ${SHARD_1}, while it was used in a call to a shard with ${SHARD_0}`,
  );
  await refuses(ask('x'), 'ValidationException', /'startingSequenceNumber'/);
});

test('an unknown shard, and an invalid shard id, are refused', async () => {
  await refuses(
    subject.iterator(stream, { ShardId: 'shardId-000000000007' }),
    'ResourceNotFoundException',
    `Shard shardId-000000000007 in stream ${stream} under account <account> does not exist`,
  );
  await refuses(
    subject.iterator(stream, { ShardId: 'no-shard' }),
    'ResourceNotFoundException',
    `Could not find shard no-shard in stream ${stream} under account <account>.`,
  );
  await refuses(subject.iterator(subject.newName()), 'ResourceNotFoundException', /not found\.$/);
});

test('an invented iterator is invalid', async () => {
  for (const ShardIterator of ['AAAA', 'x', Buffer.alloc(150, 7).toString('base64')]) {
    await refuses(
      kinesis.getRecords({ ShardIterator }),
      'InvalidArgumentException',
      'Invalid ShardIterator.',
    );
  }
});

test('a changed iterator is invalid', async () => {
  const iterator = await subject.iterator(stream);
  const middle = Math.floor(iterator.length / 2);
  const other = iterator[middle] === 'A' ? 'B' : 'A';
  await refuses(
    kinesis.getRecords({ ShardIterator: iterator.slice(0, middle) + other + iterator.slice(middle + 1) }),
    'InvalidArgumentException',
    'Invalid ShardIterator.',
  );
});

test('an iterator of a deleted stream reads nothing, even if there is a new stream of that name', async () => {
  const name = await subject.stream();
  await subject.put(name, 'old');
  const ShardIterator = await subject.iterator(name);
  await kinesis.deleteStream({ StreamName: name });
  await subject.gone(name);
  await refuses(kinesis.getRecords({ ShardIterator }), 'ResourceNotFoundException');
  await subject.stream({ StreamName: name });
  await assert.rejects(kinesis.getRecords({ ShardIterator }), {
    name: /^(ResourceNotFoundException|InvalidArgumentException)$/,
  });
});
