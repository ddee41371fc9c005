/**
 * A takeover in the middle of a change of a stream, at each step of it: the change is made completely or not at all, and
 * what the old owner has promised is kept. Repeat a failed run with its SEED.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  SplitShardCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { clientOptions } from '../support/client.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { until } from '../support/until.ts';
import {
  closeMachines,
  command,
  healthOf,
  type Machine,
  masterKeyFile,
  startMachine,
  untilServing,
} from './machines.ts';

const HALF = String(2n ** 126n);
const PUTS = 40;
/** So many questions to the store at most before the owner is cut off. */
const STEPS = 14;
const ROUNDS = 6;

interface Change {
  readonly name: string;
  readonly send: (kinesis: KinesisClient, stream: string) => Promise<unknown>;
  /** Open shards before and after; undefined: the stream is gone. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

const changes: readonly Change[] = [
  {
    name: 'split',
    before: 2,
    after: 3,
    send: (kinesis, StreamName) =>
      kinesis.send(
        new SplitShardCommand({
          StreamName,
          ShardToSplit: 'shardId-000000000000',
          NewStartingHashKey: HALF,
        }),
      ),
  },
  {
    name: 'merge',
    before: 2,
    after: 1,
    send: (kinesis, StreamName) =>
      kinesis.send(
        new MergeShardsCommand({
          StreamName,
          ShardToMerge: 'shardId-000000000000',
          AdjacentShardToMerge: 'shardId-000000000001',
        }),
      ),
  },
  {
    name: 'delete',
    before: 2,
    after: undefined,
    send: (kinesis, StreamName) => kinesis.send(new DeleteStreamCommand({ StreamName })),
  },
  {
    name: 'create',
    before: undefined,
    after: 2,
    send: (kinesis, StreamName) => kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 })),
  },
];

describe('a takeover', () => {
  const seed = runSeed();
  const random = seededRandom(seed);
  let owner: Machine;
  let other: Machine;

  before(async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    owner = await startMachine(store, key);
    await untilServing(owner);
    other = await startMachine(store, key);
  });

  after(closeMachines);

  for (const change of changes) {
    it(`in the middle of a ${change.name} leaves it done or not done`, async (t) => {
      t.diagnostic(`SEED=${seed}`);
      let done = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const stream = `${change.name}-${round}`;
        const texts = change.before === undefined ? [] : await createWithRecords(owner, stream);
        const sent = await takeOverAmid(change, stream, Math.floor(random() * STEPS));
        const open = await openShards(owner, stream);
        if (sent === 'done') assert.equal(open?.length, change.after, 'it was acknowledged');
        else assert.ok([change.before, change.after].includes(open?.length), `${open?.length} open shards`);
        if (open !== undefined) await checkRecords(owner, stream, texts);
        if (open?.length === change.after) done++;
      }
      t.diagnostic(`${done} of ${ROUNDS} were made`);
    });
  }

  it('lets of two that create the same stream at two machines one succeed', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const StreamName = `twice-${round}`;
      const results = await Promise.allSettled(
        [owner, other].map(({ kinesis }) =>
          kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })),
        ),
      );
      const refused = results.filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 1);
      for (const result of refused) {
        assert.ok(result.status === 'rejected' && result.reason instanceof ResourceInUseException);
      }
      const { StreamNames = [] } = await other.kinesis.send(new ListStreamsCommand({ Limit: 100 }));
      assert.equal(StreamNames.filter((name) => name === StreamName).length, 1);
    }
  });

  /** Cuts the owner off in the middle; the other machine owns the log then. Resolves with what the client was told. */
  async function takeOverAmid(change: Change, stream: string, steps: number): Promise<'done' | 'unknown'> {
    const client = new KinesisClient({ ...clientOptions(owner.server.endpoint), maxAttempts: 1 });
    owner.cutOffAfter(steps);
    const sending = change.send(client, stream).then(
      () => 'done' as const,
      () => 'unknown' as const,
    );
    await Promise.race([sending, owner.untilCutOff()]);
    owner.cutOff();
    await command(other, 'promote');
    await untilServing(other);
    owner.reconnect();
    const sent = await sending;
    client.destroy();
    // It has learned of it: until then it would not take over again.
    await until(async () => (await healthOf(owner)).cluster?.role === 'standby');
    [owner, other] = [other, owner];
    await settled(owner, stream);
    return sent;
  }
});

async function createWithRecords(machine: Machine, StreamName: string): Promise<string[]> {
  await machine.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  await settled(machine, StreamName);
  const texts = Array.from({ length: PUTS }, (_, n) => `${StreamName}/${n}`);
  await put(machine, StreamName, texts);
  return texts;
}

async function put({ kinesis }: Machine, StreamName: string, texts: readonly string[]): Promise<void> {
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
  const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  assert.equal(FailedRecordCount, 0);
}

/** Until no change of the stream is in progress. */
async function settled({ kinesis }: Machine, StreamName: string): Promise<void> {
  await until(async () => {
    const found = await kinesis
      .send(new DescribeStreamSummaryCommand({ StreamName }))
      .catch((error: unknown) => notThere(error));
    return found === undefined || found.StreamDescriptionSummary?.StreamStatus === 'ACTIVE';
  });
}

/** Undefined when there is no such stream. */
async function openShards(machine: Machine, stream: string): Promise<Shard[] | undefined> {
  const shards = await allShards(machine, stream);
  return shards?.filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined);
}

async function allShards({ kinesis }: Machine, StreamName: string): Promise<Shard[] | undefined> {
  const found = await kinesis
    .send(new ListShardsCommand({ StreamName }))
    .catch((error: unknown) => notThere(error));
  return found?.Shards;
}

function notThere(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) throw error;
}

/** All that was put is there once, and each shard that is open takes records. */
async function checkRecords(machine: Machine, StreamName: string, texts: readonly string[]): Promise<void> {
  const more = Array.from({ length: PUTS }, (_, n) => `${StreamName}/again ${n}`);
  await put(machine, StreamName, more);
  const found: string[] = [];
  for (const { ShardId } of (await allShards(machine, StreamName)) ?? []) {
    const from = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await machine.kinesis.send(new GetShardIteratorCommand(from));
    const { Records = [] } = await machine.kinesis.send(new GetRecordsCommand({ ShardIterator }));
    found.push(...Records.map(({ Data }) => Buffer.from(Data ?? []).toString()));
  }
  assert.deepEqual(found.toSorted(), [...texts, ...more].toSorted());
}
