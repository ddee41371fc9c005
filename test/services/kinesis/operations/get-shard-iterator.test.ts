import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import {
  ARN,
  createStream,
  iteratorFor,
  listShards,
  put,
  readFrom,
  refused,
  SHARD_1,
  texts,
} from '../support/streams.ts';

const START = 1_790_000_000_000;

test('each of the five types starts at its position', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  const numbers: (string | undefined)[] = [];
  for (const text of ['a', 'b', 'c']) {
    numbers.push((await put(kinesis.client, 'orders', text)).SequenceNumber);
    clock.advance(1000);
  }
  const from = async (options: Parameters<typeof iteratorFor>[2]) => {
    const iterator = await iteratorFor(kinesis.client, 'orders', options);
    return texts(await readFrom(kinesis.client, iterator)).join('');
  };
  assert.equal(await from({ ShardIteratorType: 'TRIM_HORIZON' }), 'abc');
  assert.equal(await from({ ShardIteratorType: 'LATEST' }), '');
  assert.equal(
    await from({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: numbers[1] }),
    'bc',
  );
  assert.equal(
    await from({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: numbers[1] }),
    'c',
  );
  const at = (timeMs: number) => from({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(timeMs) });
  assert.equal(await at(START + 1000), 'bc');
  assert.equal(await at(START + 1001), 'c');
  assert.equal(await at(START - 5000), 'abc');
  assert.equal(await at(START + 3000), '');
});

test('LATEST sees records put after its creation', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'before');
  const iterator = await iteratorFor(kinesis.client, 'orders', { ShardIteratorType: 'LATEST' });
  await put(kinesis.client, 'orders', 'after');
  assert.deepEqual(texts(await readFrom(kinesis.client, iterator)), ['after']);
});

test("the shard's StartingSequenceNumber is before all its records, with AT and AFTER", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'a');
  const [shard] = await listShards(kinesis.client, 'orders');
  const StartingSequenceNumber = shard?.SequenceNumberRange?.StartingSequenceNumber;
  for (const ShardIteratorType of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const) {
    const iterator = await iteratorFor(kinesis.client, 'orders', {
      ShardIteratorType,
      StartingSequenceNumber,
    });
    assert.deepEqual(texts(await readFrom(kinesis.client, iterator)), ['a']);
  }
});

test("inconsistent input is reported with AWS's messages", async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client, 'orders', 2);
  await createStream(kinesis.client, 'other', 2);
  clock.advance(5000);
  await createStream(kinesis.client, 'later', 2);
  // This partition key belongs to shard 1.
  const { SequenceNumber: ofLater } = await put(kinesis.client, 'later', 'x', 'k');
  const get = (options: Parameters<typeof iteratorFor>[2]) => iteratorFor(kinesis.client, 'orders', options);
  const invalid = 'InvalidArgumentException';
  const either =
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
    '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ';
  await refused(
    get({ ShardIteratorType: 'LATEST', StartingSequenceNumber: ofLater }),
    invalid,
    `${either}LATEST and also a StartingSequenceNumber.`,
  );
  await refused(
    get({ ShardIteratorType: 'AT_SEQUENCE_NUMBER' }),
    invalid,
    `${either}AT_SEQUENCE_NUMBER and no StartingSequenceNumber.`,
  );
  const at = (StartingSequenceNumber: string | undefined, options = {}) =>
    get({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber, ...options });
  await refused(
    at('0'),
    invalid,
    'StartingSequenceNumber 0 used in GetShardIterator on shard shardId-000000000000 in stream orders under ' +
      'account 000000000000 is invalid.',
  );
  await refused(
    at(ofLater),
    invalid,
    'Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard ' +
      'with shardId-000000000000',
  );
  await refused(
    at(ofLater, { ShardId: SHARD_1 }),
    invalid,
    /is invalid because it did not come from this stream\.$/,
  );
  await refused(
    get({ ShardIteratorType: 'AT_TIMESTAMP' }),
    invalid,
    /^Must specify timestampInMillis parameter/,
  );
  await refused(
    get({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(START + 60_000) }),
    invalid,
    'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
      `timestampInMillis: ${START + 60_000}, currentTimestampInMillis: ${START + 5000}`,
  );
});

test('unknown streams and shards are reported; a shard can be named by its number alone', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const notFound = 'ResourceNotFoundException';
  await refused(
    iteratorFor(kinesis.client, 'orders', { ShardId: 'shardId-000000000007' }),
    notFound,
    'Shard shardId-000000000007 in stream orders under account 000000000000 does not exist',
  );
  await refused(
    iteratorFor(kinesis.client, 'orders', { ShardId: 'nonsense' }),
    notFound,
    'Could not find shard nonsense in stream orders under account 000000000000.',
  );
  await refused(iteratorFor(kinesis.client, 'no'), notFound);
  await iteratorFor(kinesis.client, 'orders', { ShardId: '0' });
  await iteratorFor(kinesis.client, 'orders', { StreamName: undefined, StreamARN: `${ARN}/orders` });
  await refused(iteratorFor(kinesis.client, 'orders', { DryRun: true }), 'DryRunOperationException');
});
