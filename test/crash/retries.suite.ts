/**
 * Clients repeat what was not answered. Behind a network that loses answers, and a server that is killed, every
 * record of every put is stored once: the SDKs repeat a call under the id that they gave it.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { RetryStrategyV2, StandardRetryToken } from '@smithy/types';

import { clientEnvironment, clientOptions, spawnServer, type ServerProcess } from '../support/server.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { hasTools, runTool } from '../support/tools.ts';
import { startDroppingProxy, type DroppingProxy } from './dropping-proxy.ts';
import { call, callWell } from './raw-kinesis.ts';

const PUTS_EACH = 3400;
const KILLS = 4;
const DROP_CHANCE = 0.03;
const script = fileURLToPath(new URL('put-many.py', import.meta.url));

test(`10,000 puts through a network that loses responses, and ${KILLS} times kill -9: every record once`, async (t) => {
  if (!hasTools(t, 'python3')) return;
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  await using server = await spawnServer({ args: ['--log-level', 'error'] });
  await callWell(server.endpoint, 'CreateStream', { StreamName: 'retried', ShardCount: 3 });
  const proxy = await startDroppingProxy({ to: server.endpoint, dropChance: DROP_CHANCE, random });
  t.after(() => proxy.close());
  const putting = Promise.all([
    putByPython(proxy),
    putByJavaScript(proxy, 'h2', t),
    putByJavaScript(proxy, 'h1', t),
  ]);
  await killNowAndThen(server, random, putting);
  const puts = await putting;
  const stored = await readAll(server.endpoint);
  t.diagnostic(`${puts.flat().length} records, ${proxy.dropped} answers dropped`);
  assert(proxy.dropped > 100, 'the network lost answers');
  assert.deepEqual(stored.toSorted(), puts.flat().toSorted());
});

test('the same id with another body is a new request; without an id every put is new', async () => {
  await using server = await spawnServer();
  const { endpoint } = server;
  await callWell(endpoint, 'CreateStream', { StreamName: 'retried', ShardCount: 1 });
  const put = async (data: string, id?: string): Promise<unknown> => {
    const input = { StreamName: 'retried', PartitionKey: 'k', Data: Buffer.from(data).toString('base64') };
    const headers = id === undefined ? {} : { 'amz-sdk-invocation-id': id };
    const { status, body } = await call(endpoint, 'PutRecord', input, { headers });
    assert.equal(status, 200);
    return body['SequenceNumber'];
  };
  const id = randomUUID();
  const first = await put('one', id);
  assert.equal(await put('one', id), first);
  assert.notEqual(await put('two', id), first);
  assert.notEqual(await put('three'), await put('three'));
  await server.kill();
  await server.start();
  assert.equal(await put('one', id), first);
  assert.deepEqual(await readAll(endpoint), ['one', 'two', 'three', 'three']);
});

test('a PutRecords repeated concurrently and often is stored once, and all attempts get the same response', async () => {
  await using server = await spawnServer();
  const { endpoint } = server;
  await callWell(endpoint, 'CreateStream', { StreamName: 'retried', ShardCount: 4 });
  const Records = Array.from({ length: 50 }, (_, n) => ({
    PartitionKey: `${n}`,
    Data: Buffer.from(`r-${n}`).toString('base64'),
  }));
  const options = { headers: { 'amz-sdk-invocation-id': randomUUID() } };
  const input = { StreamName: 'retried', Records };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => call(endpoint, 'PutRecords', input, options)),
  );
  // Shards that take records no more still give the numbers of the first time.
  await callWell(endpoint, 'UpdateShardCount', {
    StreamName: 'retried',
    TargetShardCount: 6,
    ScalingType: 'UNIFORM_SCALING',
  });
  answers.push(await call(endpoint, 'PutRecords', input, options));
  await server.kill();
  await server.start();
  answers.push(await call(endpoint, 'PutRecords', input, options));
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal(answers[0]?.status, 200);
  const stored = await readAll(endpoint);
  assert.deepEqual(stored.toSorted(), Records.map((_, n) => `r-${n}`).toSorted());
});

/** As the SDK's own, without the budget that makes it give up while a server starts again. */
const patient: RetryStrategyV2 = {
  acquireInitialRetryToken: () => Promise.resolve(tokenAfter(0)),
  async refreshRetryTokenForRetry(token) {
    const count = token.getRetryCount() + 1;
    if (count > 100) throw new Error('tried a hundred times');
    await sleep(Math.min(20 * 2 ** count, 500));
    return tokenAfter(count);
  },
  recordSuccess: () => undefined,
};

function tokenAfter(count: number): StandardRetryToken {
  return { getRetryCount: () => count, getRetryDelay: () => 0, getRetryCost: () => 0 };
}

async function putByPython(proxy: DroppingProxy): Promise<string[]> {
  await runTool('python3', [script, 'boto3', String(PUTS_EACH)], {
    env: { ...clientEnvironment(proxy.endpoint), AWS_EC2_METADATA_DISABLED: 'true' },
  });
  return Array.from({ length: PUTS_EACH }, (_, n) => `boto3-${n}`);
}

async function putByJavaScript(proxy: DroppingProxy, prefix: 'h1' | 'h2', t: TestContext): Promise<string[]> {
  const client = new KinesisClient({
    ...clientOptions(proxy.endpoint),
    retryStrategy: patient,
    ...(prefix === 'h1' && { requestHandler: new NodeHttpHandler() }),
  });
  t.after(() => client.destroy());
  const names = Array.from({ length: PUTS_EACH }, (_, n) => `${prefix}-${n}`);
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < names.length) {
      const few = names.slice(next, (next += next % 3 === 0 ? 5 : 1));
      const records = few.map((name) => ({ PartitionKey: name, Data: Buffer.from(name) }));
      await put(client, records);
    }
  };
  await Promise.all(Array.from({ length: 16 }, writer));
  return names;
}

async function put(
  client: KinesisClient,
  records: readonly { readonly PartitionKey: string; readonly Data: Buffer }[],
): Promise<void> {
  const [first] = records;
  const StreamName = 'retried';
  if (records.length === 1 && first !== undefined) {
    await client.send(new PutRecordCommand({ StreamName, ...first }));
    return;
  }
  const { FailedRecordCount } = await client.send(
    new PutRecordsCommand({ StreamName, Records: [...records] }),
  );
  assert.equal(FailedRecordCount, 0);
}

async function killNowAndThen(
  server: ServerProcess,
  random: () => number,
  until: Promise<unknown>,
): Promise<void> {
  for (let kill = 0; kill < KILLS; kill++) {
    await Promise.race([sleep(500 + random() * 1500), until]);
    await server.kill();
    await server.start();
  }
}

async function readAll(endpoint: string): Promise<string[]> {
  const { Shards } = await callWell(endpoint, 'ListShards', { StreamName: 'retried' });
  const texts: string[] = [];
  // As the API says.
  for (const { ShardId } of Shards as { ShardId: string }[]) {
    const { ShardIterator } = await callWell(endpoint, 'GetShardIterator', {
      StreamName: 'retried',
      ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    let iterator: unknown = ShardIterator;
    while (iterator !== undefined && iterator !== null) {
      const answer = await callWell(endpoint, 'GetRecords', { ShardIterator: iterator });
      const records = answer['Records'] as { Data: string }[];
      texts.push(...records.map(({ Data }) => Buffer.from(Data, 'base64').toString()));
      iterator = answer['MillisBehindLatest'] === 0 ? undefined : answer['NextShardIterator'];
    }
  }
  return texts;
}
