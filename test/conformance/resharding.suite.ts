import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { GetRecordsOutput, Shard, ShardFilter } from '@aws-sdk/client-kinesis';
import { HALF, LAST_HASH_KEY, openSubject, refuses, SHARD_0, SHARD_1, SHARD_2, texts } from './subject.ts';

const SHARD_3 = 'shardId-000000000003';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;
/** Its first shard was split in halves, and they were merged again. */
let stream: string;
let beforeSplit: Date;

before(async () => {
  stream = await subject.stream();
  await subject.put(stream, 'in the parent');
  beforeSplit = new Date();
  await kinesis.splitShard({ StreamName: stream, ShardToSplit: SHARD_0, NewStartingHashKey: HALF });
  await subject.active(stream);
  await subject.put(stream, 'in the lower child', '0');
  await subject.put(stream, 'in the upper child', LAST_HASH_KEY);
  await kinesis.mergeShards({
    StreamName: stream,
    ShardToMerge: SHARD_1,
    AdjacentShardToMerge: SHARD_2,
  });
  await subject.active(stream);
  await subject.put(stream, 'in the grandchild');
});

function start(shard?: Shard): bigint {
  return BigInt(shard?.SequenceNumberRange?.StartingSequenceNumber ?? 0);
}

function end(shard?: Shard): bigint {
  return BigInt(shard?.SequenceNumberRange?.EndingSequenceNumber ?? 0);
}

function isOpen({ SequenceNumberRange }: Shard): boolean {
  return SequenceNumberRange?.EndingSequenceNumber === undefined;
}

test('a split and a merge record their lineage', async () => {
  const shards = await subject.shards(stream);
  assert.deepEqual(
    shards.map(({ ShardId, ParentShardId, AdjacentParentShardId, HashKeyRange }) => [
      ShardId,
      ParentShardId,
      AdjacentParentShardId,
      HashKeyRange?.StartingHashKey,
      HashKeyRange?.EndingHashKey,
    ]),
    [
      [SHARD_0, undefined, undefined, '0', LAST_HASH_KEY],
      [SHARD_1, SHARD_0, undefined, '0', (BigInt(HALF) - 1n).toString()],
      [SHARD_2, SHARD_0, undefined, HALF, LAST_HASH_KEY],
      [SHARD_3, SHARD_1, SHARD_2, '0', LAST_HASH_KEY],
    ],
  );
  assert.deepEqual(shards.map(isOpen), [false, false, false, true]);
  assert.equal((await subject.summary(stream)).OpenShardCount, 1);
});

test("a child's sequence numbers are above all of its parent's", async () => {
  const [parent, lower, , grandchild] = await subject.shards(stream);
  assert(start(lower) > end(parent));
  assert(start(grandchild) > end(lower));
  const [record] = await subject.read(await subject.iterator(stream), 1);
  assert(BigInt(record?.SequenceNumber ?? 0) <= end(parent));
});

/** The records of a closed shard, and its children with their parents, as the last answer has them. */
async function readToEnd(ShardId: string) {
  const read: string[] = [];
  let next: string | undefined = await subject.iterator(stream, { ShardId });
  for (;;) {
    const answer: GetRecordsOutput = await kinesis.getRecords({ ShardIterator: next });
    read.push(...texts(answer.Records ?? []));
    next = answer.NextShardIterator;
    if (next !== undefined) continue;
    const children = answer.ChildShards?.map((child) => [child.ShardId, child.ParentShards?.toSorted()]);
    return { read, children };
  }
}

test('a closed shard is read to its end, which has children instead of a next iterator', async () => {
  assert.deepEqual(await readToEnd(SHARD_0), {
    read: ['in the parent'],
    children: [
      [SHARD_1, [SHARD_0]],
      [SHARD_2, [SHARD_0]],
    ],
  });
});

test('the child of a merge names both parents', async () => {
  const children = [[SHARD_3, [SHARD_1, SHARD_2]]];
  assert.deepEqual(await readToEnd(SHARD_1), { read: ['in the lower child'], children });
  assert.deepEqual(await readToEnd(SHARD_2), { read: ['in the upper child'], children });
});

test('each type of ShardFilter selects its shards', async () => {
  const all = [SHARD_0, SHARD_1, SHARD_2, SHARD_3];
  const expected: readonly [ShardFilter, string[]][] = [
    [{ Type: 'AT_LATEST' }, [SHARD_3]],
    [{ Type: 'AT_TRIM_HORIZON' }, [SHARD_0]],
    [{ Type: 'FROM_TRIM_HORIZON' }, all],
    [{ Type: 'AFTER_SHARD_ID', ShardId: SHARD_1 }, [SHARD_2, SHARD_3]],
    [{ Type: 'AT_TIMESTAMP', Timestamp: beforeSplit }, [SHARD_0]],
    [{ Type: 'FROM_TIMESTAMP', Timestamp: beforeSplit }, all],
  ];
  for (const [filter, shards] of expected) {
    const { Shards = [] } = await kinesis.listShards({ StreamName: stream, ShardFilter: filter });
    assert.deepEqual(
      Shards.map(({ ShardId }) => ShardId),
      shards,
      filter.Type,
    );
  }
});

test('a ShardFilter has exactly what its type requires', async () => {
  for (const ShardFilter of [
    { Type: 'AFTER_SHARD_ID' },
    { Type: 'AT_TIMESTAMP' },
    { Type: 'AT_LATEST', ShardId: SHARD_0 },
  ] satisfies ShardFilter[]) {
    await refuses(kinesis.listShards({ StreamName: stream, ShardFilter }), 'InvalidArgumentException');
  }
});

test('shards are listed in pages, and a token cannot be combined with other members', async () => {
  const listed: string[] = [];
  let page = await kinesis.listShards({ StreamName: stream, MaxResults: 3 });
  const { NextToken } = page;
  for (;;) {
    listed.push(...(page.Shards ?? []).map(({ ShardId = '' }) => ShardId));
    if (page.NextToken === undefined) break;
    page = await kinesis.listShards({ NextToken: page.NextToken, MaxResults: 3 });
  }
  assert.deepEqual(listed, [SHARD_0, SHARD_1, SHARD_2, SHARD_3]);
  await refuses(
    kinesis.listShards({ StreamName: stream, NextToken }),
    'InvalidArgumentException',
    /^NextToken and StreamName cannot be provided together\.$/,
  );
  await refuses(kinesis.listShards({ NextToken: 'AAAA' }), 'InvalidArgumentException');
  await refuses(kinesis.listShards({}), 'InvalidArgumentException');
});

test('a closed shard is not split again', async () => {
  await refuses(
    kinesis.splitShard({ StreamName: stream, ShardToSplit: SHARD_0, NewStartingHashKey: HALF }),
    'InvalidArgumentException',
    `Shard ${SHARD_0} in stream ${stream} under account <account> has already been merged or split, and thus is ` +
      'not eligible for merging or splitting.',
  );
});

test('a shard is split within its hash keys', async () => {
  for (const key of ['0', '1', LAST_HASH_KEY]) {
    await refuses(
      kinesis.splitShard({ StreamName: stream, ShardToSplit: SHARD_3, NewStartingHashKey: key }),
      'InvalidArgumentException',
      `NewStartingHashKey ${key} used in SplitShard() on shard ${SHARD_3} in stream ${stream} under account ` +
        "<account> is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's " +
        `EndingHashKey ${LAST_HASH_KEY}.`,
    );
  }
  await refuses(
    kinesis.splitShard({ StreamName: stream, ShardToSplit: SHARD_3, NewStartingHashKey: 'x' }),
    'ValidationException',
    /'newStartingHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0\|/,
  );
  await refuses(
    kinesis.splitShard({
      StreamName: stream,
      ShardToSplit: 'shardId-000000000009',
      NewStartingHashKey: HALF,
    }),
    'ResourceNotFoundException',
    `Could not find shard shardId-000000000009 in stream ${stream} under account <account>.`,
  );
});

test('only adjacent shards can be merged', async () => {
  const other = await subject.stream({ ShardCount: 3 });
  const merge = (ShardToMerge: string, AdjacentShardToMerge: string) =>
    kinesis.mergeShards({ StreamName: other, ShardToMerge, AdjacentShardToMerge });
  for (const [lower, upper] of [
    [SHARD_0, SHARD_2],
    [SHARD_0, SHARD_0],
  ] as const) {
    await refuses(
      merge(lower, upper),
      'InvalidArgumentException',
      `Shards ${lower} and ${upper} in stream ${other} under account <account> are not an adjacent pair of shards ` +
        'eligible for merging',
    );
  }
});

test('UpdateShardCount at most doubles or halves, and results in even shards', async () => {
  const other = await subject.stream({ ShardCount: 2 });
  const update = (TargetShardCount: number) =>
    kinesis.updateShardCount({
      StreamName: other,
      TargetShardCount,
      ScalingType: 'UNIFORM_SCALING',
    });
  await refuses(
    update(5),
    'LimitExceededException',
    /^UpdateShardCount cannot scale up over double your current open shard count\./,
  );
  await refuses(update(0), 'ValidationException', /'targetShardCount'/);
  const { CurrentShardCount, TargetShardCount } = await update(4);
  assert.deepEqual([CurrentShardCount, TargetShardCount], [2, 4]);
  await subject.active(other);
  const open = (await subject.shards(other)).filter(isOpen);
  assert.deepEqual(
    open
      .map(({ HashKeyRange }) => BigInt(HashKeyRange?.StartingHashKey ?? 0))
      .toSorted((a, b) => (a < b ? -1 : 1)),
    [0n, 2n ** 126n, 2n ** 127n, 3n * 2n ** 126n],
  );
});

test('an on-demand stream cannot be resharded by hand', async () => {
  const other = await subject.stream({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  await refuses(
    kinesis.updateShardCount({
      StreamName: other,
      TargetShardCount: 8,
      ScalingType: 'UNIFORM_SCALING',
    }),
    'ValidationException',
  );
  await refuses(
    kinesis.mergeShards({
      StreamName: other,
      ShardToMerge: SHARD_0,
      AdjacentShardToMerge: SHARD_1,
    }),
    'ValidationException',
  );
});
