import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  type Shard,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { systemClock } from '../../src/support/clock.ts';
import { until } from '../support/until.ts';
import { startKinesis } from '../services/kinesis/support/server.ts';
import { createStream } from '../services/kinesis/support/streams.ts';
import { FakeStore } from '../support/fake-store.ts';
import { deliver, specOf, texts } from './world.ts';

const StreamName = 's';
const KEYS = 10;

function start({ HashKeyRange }: Shard): bigint {
  return BigInt(HashKeyRange?.StartingHashKey ?? 0);
}

async function openShards(client: KinesisClient): Promise<Shard[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  return Shards.filter(
    ({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined,
  ).toSorted((a, b) => (start(a) < start(b) ? -1 : 1));
}

async function split(client: KinesisClient): Promise<void> {
  const { ShardId, HashKeyRange } = (await openShards(client)).at(-1) ?? {};
  const { StartingHashKey = '0', EndingHashKey = '0' } = HashKeyRange ?? {};
  const NewStartingHashKey = String((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey }));
}

async function merge(client: KinesisClient): Promise<void> {
  const [lower, upper] = await openShards(client);
  await client.send(
    new MergeShardsCommand({
      StreamName,
      ShardToMerge: lower?.ShardId,
      AdjacentShardToMerge: upper?.ShardId,
    }),
  );
}

test('streams are delivered once and in key order, while shards are split and merged', async () => {
  await using kinesis = await startKinesis();
  const { client, engine } = kinesis;
  await createStream(client, StreamName, 2);
  const store = new FakeStore(0);
  let written = 0;
  const spec = specOf(kinesis.kinesis.source, {
    freshnessMs: 30,
    keyOf: ({ shardId, firstSequenceNumber }) => `out/${shardId}-${firstSequenceNumber}`,
  });
  const delivery = deliver(spec, { catalog: engine.catalog, store, clock: systemClock });
  for (let round = 0; round < 12; round++) {
    const Records = Array.from({ length: 100 }, () => {
      const number = written++;
      return { PartitionKey: `k${number % KEYS}`, Data: Buffer.from(`k${number % KEYS}=${number}`) };
    });
    await client.send(new PutRecordsCommand({ StreamName, Records }));
    if (round % 3 === 1) await split(client);
    if (round % 4 === 3) await merge(client);
  }
  const lines = (): string[] => texts(store).flatMap((text) => text.split('\n').slice(0, -1));
  await until(() => lines().length >= written);
  await delivery.close();
  // Shards are numbered as they come: children are behind their parents.
  const byKey = Map.groupBy(lines(), (line) => line.split('=')[0] ?? '');
  assert.equal(byKey.size, KEYS);
  for (const [key, ofKey] of byKey) {
    const expected = Array.from(
      { length: written / KEYS },
      (_, index) => Number(key.slice(1)) + index * KEYS,
    );
    assert.deepEqual(
      ofKey.map((line) => Number(line.split('=')[1])),
      expected,
    );
  }
});
