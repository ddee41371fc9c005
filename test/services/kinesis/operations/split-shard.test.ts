import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeStreamCommand, GetRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import {
  createStream,
  iteratorFor,
  listShards,
  put,
  readShard,
  refused,
  SHARD_0,
  SHARD_1,
  texts,
} from '../support/streams.ts';

const split = (ShardToSplit: string, NewStartingHashKey: string) =>
  new SplitShardCommand({ StreamName: 'orders', ShardToSplit, NewStartingHashKey });
const MIDDLE = (2n ** 127n).toString();
const START = 1_790_000_000_000;

test('the parent is closed, and two children cover its hash keys, with higher numbers', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { SequenceNumber: before } = await put(kinesis.client, 'orders', 'before');
  await kinesis.client.send(split(SHARD_0, MIDDLE));
  const after = await put(kinesis.client, 'orders', 'after');
  await kinesis.restart();

  const [parent, lower, upper] = await listShards(kinesis.client, 'orders');
  const last = (2n ** 128n - 1n).toString();
  assert.deepEqual(
    [lower?.HashKeyRange, upper?.HashKeyRange],
    [
      { StartingHashKey: '0', EndingHashKey: (2n ** 127n - 1n).toString() },
      { StartingHashKey: MIDDLE, EndingHashKey: last },
    ],
  );
  for (const child of [lower, upper]) {
    assert.equal(child?.ParentShardId, SHARD_0);
    assert.equal(child.AdjacentParentShardId, undefined);
    assert.equal(child.SequenceNumberRange?.EndingSequenceNumber, undefined);
  }
  const ending = BigInt(parent?.SequenceNumberRange?.EndingSequenceNumber ?? 0);
  assert(ending > BigInt(before ?? 0));
  assert(BigInt(lower?.SequenceNumberRange?.StartingSequenceNumber ?? 0) > ending);
  assert(BigInt(after.SequenceNumber ?? 0) > ending);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['before']);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders', after.ShardId)), ['after']);
});

test('reading ends at the end of the parent, which names the children', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const iterator = await iteratorFor(kinesis.client, 'orders', { ShardIteratorType: 'LATEST' });
  await put(kinesis.client, 'orders', 'last');
  await kinesis.client.send(split(SHARD_0, MIDDLE));
  const end = await kinesis.client.send(new GetRecordsCommand({ ShardIterator: iterator }));
  assert.deepEqual(texts(end.Records ?? []), ['last']);
  assert.equal(end.NextShardIterator, undefined);
  assert.equal(end.MillisBehindLatest, 0);
  assert.deepEqual(
    end.ChildShards?.map(({ ShardId, ParentShards, HashKeyRange }) => [
      ShardId,
      ParentShards,
      HashKeyRange?.StartingHashKey,
    ]),
    [
      [SHARD_1, [SHARD_0], '0'],
      ['shardId-000000000002', [SHARD_0], MIDDLE],
    ],
  );
});

test('a closed shard is readable until its records expire, then gone', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'old');
  clock.advance(1000);
  await kinesis.client.send(split(SHARD_0, MIDDLE));
  clock.advance(24 * 3_600_000 - 1000);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), ['old']);
  clock.advance(999);
  assert.deepEqual(texts(await readShard(kinesis.client, 'orders')), []);
  clock.advance(1);
  const message = 'Shard shardId-000000000000 in stream orders under account 000000000000 does not exist';
  await refused(readShard(kinesis.client, 'orders'), 'ResourceNotFoundException', message);
  assert.equal((await listShards(kinesis.client, 'orders')).length, 2);
  await kinesis.kinesis.sweep();
  await kinesis.restart();
  await refused(readShard(kinesis.client, 'orders'), 'ResourceNotFoundException', message);
  assert.deepEqual(
    (await listShards(kinesis.client, 'orders')).map(({ ShardId, ParentShardId }) => [
      ShardId,
      ParentShardId,
    ]),
    [
      [SHARD_1, SHARD_0],
      ['shardId-000000000002', SHARD_0],
    ],
  );
});

test('children created within a second are still above their parents', async () => {
  await using kinesis = await startKinesis({ clock: new ManualClock(START) });
  await createStream(kinesis.client);
  const numbers: bigint[] = [];
  let shard = SHARD_0;
  for (let power = 127n; power > 120n; power--) {
    const key = '0';
    const { SequenceNumber, ShardId } = await put(kinesis.client, 'orders', key, key);
    numbers.push(BigInt(SequenceNumber ?? 0));
    shard = ShardId ?? '';
    const range = (await listShards(kinesis.client, 'orders')).find(
      (each) => each.ShardId === shard,
    )?.HashKeyRange;
    const start = BigInt(range?.StartingHashKey ?? 0);
    const middle = (start + BigInt(range?.EndingHashKey ?? 0)) / 2n;
    await kinesis.client.send(split(shard, middle.toString()));
  }
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => (a < b ? -1 : 1)),
  );
  assert.equal(new Set(numbers).size, numbers.length);
});

test('while UPDATING records are accepted, and other changes are refused', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock, lifecycleMs: 500 });
  await createStream(kinesis.client);
  clock.advance(500);
  await kinesis.client.send(split(SHARD_0, MIDDLE));
  const describe = async () =>
    (await kinesis.client.send(new DescribeStreamCommand({ StreamName: 'orders' }))).StreamDescription;
  assert.equal((await describe())?.StreamStatus, 'UPDATING');
  assert.equal((await put(kinesis.client, 'orders', 'x')).ShardId, SHARD_0);
  await refused(
    kinesis.client.send(split(SHARD_0, MIDDLE)),
    'ResourceInUseException',
    'Stream orders under account 000000000000 not ACTIVE, instead in state UPDATING',
  );
  // What was begun is finished after a restart, too.
  await kinesis.restart();
  assert.equal((await describe())?.StreamStatus, 'UPDATING');
  clock.advance(500);
  await kinesis.restart();
  assert.deepEqual([(await describe())?.StreamStatus, (await describe())?.Shards?.length], ['ACTIVE', 3]);
  assert.notEqual((await put(kinesis.client, 'orders', 'y')).ShardId, SHARD_0);
});

test("a shard that cannot be split is reported with AWS's messages", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const notFound = 'ResourceNotFoundException';
  await refused(
    kinesis.client.send(split('shardId-000000000009', MIDDLE)),
    notFound,
    'Could not find shard shardId-000000000009 in stream orders under account 000000000000.',
  );
  await refused(kinesis.client.send(split('x', MIDDLE)), notFound, /^Could not find shard x in stream/);
  for (const key of ['0', '1', (2n ** 127n - 1n).toString(), MIDDLE, (2n ** 128n).toString()]) {
    await refused(
      kinesis.client.send(split(SHARD_0, key)),
      'InvalidArgumentException',
      `NewStartingHashKey ${key} used in SplitShard() on shard shardId-000000000000 in stream orders under ` +
        "account 000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than " +
        "the shard's EndingHashKey 170141183460469231731687303715884105727.",
    );
  }
  await kinesis.client.send(split(SHARD_0, '2'));
  await refused(
    kinesis.client.send(split(SHARD_0, '5')),
    'InvalidArgumentException',
    /already been merged or split/,
  );
});
