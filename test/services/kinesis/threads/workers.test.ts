import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { GetRecordsCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { clientOptions } from '../../../support/client.ts';
import { spawnServer } from '../../../support/server.ts';
import { type KinesisTest, startKinesis } from '../support/server.ts';
import { callRaw, iteratorFor, listShards, readShard, texts } from '../support/streams.ts';
import { until } from '../../../support/until.ts';

interface Entry {
  readonly Data: string;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
}

function entry(n: number): Entry {
  const Data = Buffer.from(`${n}:`.padEnd(100 + (n % 50), 'x')).toString('base64');
  const PartitionKey = `key ${n % 70}`;
  return n % 9 === 0 ? { Data, PartitionKey, ExplicitHashKey: String(n) } : { Data, PartitionKey };
}

const entries = (from: number): Entry[] => Array.from({ length: 500 }, (_, n) => entry(from + n));

/** What a program does, with answers of which only the iterators differ between two servers. */
async function answersOf(test: KinesisTest, shards: number): Promise<unknown[]> {
  const answers: unknown[] = [];
  const call = async (operation: string, input: object, headers?: Record<string, string>) => {
    const answer = await callRaw(test.endpoint, operation, input, headers);
    answers.push(answer);
    return answer.body;
  };
  const StreamName = 's';
  await call('CreateStream', { StreamName, ShardCount: shards });
  await call('PutRecords', { StreamName, Records: entries(0) });
  const once = { 'amz-sdk-invocation-id': '4a8c1f0e-6f0e-4d3c-9d7b-1a2b3c4d5e6f' };
  await call('PutRecords', { StreamName, Records: entries(500) }, once);
  await call('PutRecords', { Records: entries(500), StreamName }, once);
  // What is wrong with one record, and what is no usual form.
  await call('PutRecords', { StreamName, Records: [...entries(0).slice(1), { ...entry(1), Data: '*' }] });
  await call('PutRecords', {
    StreamName,
    Records: [...entries(0).slice(1), { ...entry(1), PartitionKey: 'k'.repeat(257) }],
  });
  await call('PutRecords', { StreamName, Records: [...entries(0), entry(1)] });
  await call('PutRecords', { StreamName: 'none', Records: entries(0) });
  await call('PutRecords', {
    StreamName,
    Records: entries(1000).map((one) => ({ ...one, PartitionKey: `ü${one.PartitionKey}` })),
  });
  await call('StartStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
  await call('PutRecords', { StreamName, Records: entries(1500) });
  for (const { ShardId } of await listShards(test.client, StreamName)) {
    let ShardIterator: unknown = await iteratorFor(test.client, StreamName, { ShardId });
    for (let read = 0; read < 3; read++) {
      const { body } = await callRaw(test.endpoint, 'GetRecords', { ShardIterator, Limit: 400 });
      const { NextShardIterator, ...rest } = body;
      answers.push(rest);
      ShardIterator = NextShardIterator;
    }
  }
  return answers;
}

/** Resolves when so many threads more have been started, and have their scripts: until then nobody gives them work. */
async function threadsReady(count: number): Promise<void> {
  const all = Promise.withResolvers<void>();
  let left = count;
  if (left === 0) return;
  const onWorker = (worker: Worker): void => {
    worker.once('message', () => --left === 0 && all.resolve());
  };
  process.on('worker', onWorker);
  await all.promise;
  process.off('worker', onWorker);
}

describe('a server with workers', () => {
  for (const shards of [1, 4]) {
    it(`returns the same responses as one without: ${shards} shards`, async () => {
      const answers: unknown[][] = [];
      for (const workers of [0, 2]) {
        const clock = new ManualClock(1_790_000_000_000);
        const ready = threadsReady(workers);
        await using test = await startKinesis({ clock, workers });
        await ready;
        answers.push(await answersOf(test, shards));
      }
      assert.deepEqual(answers[1], answers[0]);
    });
  }

  it('serves many clients at once, each in order', async () => {
    const ready = threadsReady(2);
    await using test = await startKinesis({ workers: 2 });
    await ready;
    await callRaw(test.endpoint, 'CreateStream', { StreamName: 's', ShardCount: 1 });
    const writer = async (name: number): Promise<void> => {
      for (let call = 0; call < 6; call++) {
        const Records = Array.from({ length: 300 }, (_, n) => ({
          Data: Buffer.from(`${name}:${call * 300 + n}`.padEnd(200, '.')),
          PartitionKey: String(name),
        }));
        await test.client.send(new PutRecordsCommand({ StreamName: 's', Records }));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
    const got = texts(await readShard(test.client, 's'));
    assert.equal(got.length, 8 * 1800);
    for (let name = 0; name < 8; name++) {
      const own = got
        .filter((text) => text.startsWith(`${name}:`))
        .map((text) => Number.parseInt(text.slice(2)));
      assert.deepEqual(
        own,
        Array.from({ length: 1800 }, (_, n) => n),
      );
    }
  });
});

test('kill -9 of a server with workers loses and repeats nothing acknowledged', async () => {
  await using server = await spawnServer({ args: ['--workers', '2'] });
  const client = new KinesisClient({ ...clientOptions(server.endpoint), maxAttempts: 50 });
  await callRaw(server.endpoint, 'CreateStream', { StreamName: 's', ShardCount: 2 });
  const acknowledged: string[] = [];
  const CALLS = 25;
  const writer = async (name: string): Promise<void> => {
    for (let call = 0; call < CALLS; call++) {
      const lines = Array.from({ length: 100 }, (_, n) => `${name}:${call}:${n}:${'x'.repeat(500)}`);
      const Records = lines.map((line) => ({ Data: Buffer.from(line), PartitionKey: randomUUID() }));
      await client.send(new PutRecordsCommand({ StreamName: 's', Records }));
      acknowledged.push(...lines);
    }
  };
  const writers = Promise.all(['a', 'b', 'c', 'd'].map(writer));
  await until(() => acknowledged.length >= 2000, { withinMs: 60_000 });
  await server.kill();
  await server.start();
  await writers;
  const got: string[] = [];
  for (const { ShardId } of await listShards(client, 's')) {
    let next: string | undefined = await iteratorFor(client, 's', { ShardId });
    for (let behind: number | undefined = 1; next !== undefined && behind !== 0;) {
      const answer: Awaited<ReturnType<typeof read>> = await read(next);
      got.push(...texts(answer.Records ?? []));
      next = answer.NextShardIterator;
      behind = answer.MillisBehindLatest;
    }
  }
  async function read(ShardIterator: string) {
    return await client.send(new GetRecordsCommand({ ShardIterator }));
  }
  assert.deepEqual(got.toSorted(), acknowledged.toSorted());
  client.destroy();
});
