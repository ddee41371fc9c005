import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { Connection } from '../../../src/engine/kafka/connection.ts';
import { KafkaSetupError } from '../../../src/engine/kafka/errors.ts';
import type { KafkaSharedLog } from '../../../src/engine/kafka/kafka-shared-log.ts';
import { createTopics } from '../../../src/engine/kafka/messages/create-topics.ts';
import type { KafkaLogOptions } from '../../../src/engine/kafka/open.ts';
import { LOG_START } from '../../../src/engine/shared/shared-log.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { programPath } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { describeEngineOver } from '../shared/engine-over-log.ts';
import { append, framesUpTo, logContract, textsOf } from '../shared/log-contract.ts';
import { newTopic, openLog } from './cluster.ts';
import { Load } from './load.ts';
import { Proxy, type Interference } from './proxy.ts';
import { hasKafka, RealCluster } from './real-cluster.ts';

/** Three brokers of Apache Kafka. The listener ending in 2 is advertised as the port ending in 3, where a proxy may be. */
const owner = { url: 'http://127.0.0.1:4566', version: '0.1.0' };
const kills = Number(process.env['BROKER_KILLS'] ?? 1);
let cluster: RealCluster;

before(async () => {
  if (programPath('java') === undefined || programPath('mvn') === undefined) return;
  cluster = await RealCluster.start({
    brokers: 3,
    properties: [
      'listeners=PLAINTEXT://127.0.0.1:{nn}0,CONTROLLER://127.0.0.1:{nn}1,PROXIED://127.0.0.1:{nn}2',
      'advertised.listeners=PLAINTEXT://127.0.0.1:{nn}0,PROXIED://127.0.0.1:{nn}3',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT',
    ],
  });
});

after(() => cluster?.close());

async function open(t: TestContext, options: Partial<KafkaLogOptions> = {}): Promise<KafkaSharedLog> {
  const log = await openLog(cluster.addresses(), options);
  t.after(() => log.close());
  return log;
}

if (programPath('java') !== undefined || process.env['CI'] === 'true') {
  logContract('three brokers', () => {
    const topic = newTopic();
    return Promise.resolve({ open: () => openLog(cluster.addresses(), { topic }) });
  });
  describeEngineOver('three brokers', () => {
    const topic = newTopic();
    return Promise.resolve({ open: () => openLog(cluster.addresses(), { topic }) });
  });
}

test('the leading broker is killed: nothing that was acknowledged is lost, doubled or moved', async (t) => {
  if (!hasKafka(t)) return;
  const topic = newTopic();
  const log = await open(t, { topic });
  await log.takeOver(owner, LOG_START);
  const load = new Load(log);
  load.start();
  for (let round = 0; round < kills; round++) {
    const reached = load.acknowledged + 100;
    await until(() => load.acknowledged >= reached);
    await cluster.signal(await cluster.leaderOf(topic), 'SIGKILL');
    const atKill = load.acknowledged;
    await until(() => load.acknowledged >= atKill + 100, { withinMs: 60_000 });
    await cluster.start();
  }
  await load.stop();
  await load.check(t);
});

test('brokers are restarted in order, the leading one first: nothing is lost, and acknowledgements go on', async (t) => {
  if (!hasKafka(t)) return;
  const topic = newTopic();
  const log = await open(t, { topic });
  await log.takeOver(owner, LOG_START);
  const load = new Load(log);
  load.start();
  const leader = await cluster.leaderOf(topic);
  const others = [1, 2, 3].filter((broker) => broker !== leader);
  for (const broker of [leader, ...others].slice(0, kills)) {
    await cluster.stop(broker);
    const atStop = load.acknowledged;
    await until(() => load.acknowledged >= atStop + 50, { withinMs: 60_000 });
    await cluster.start();
  }
  await load.stop();
  await load.check(t);
});

test('two of three brokers are killed: nothing is acknowledged until one is back', async (t) => {
  if (!hasKafka(t)) return;
  const log = await open(t);
  await log.takeOver(owner, LOG_START);
  const load = new Load(log);
  load.start();
  await until(() => load.acknowledged >= 50);
  await Promise.all([1, 2].map((broker) => cluster.signal(broker, 'SIGKILL')));
  // What was under way may still have been stored by both.
  const atKill = load.acknowledged + 1;
  await assert.rejects(until(() => load.acknowledged > atKill, { withinMs: 4000 }));
  await cluster.start();
  await until(() => load.acknowledged >= atKill + 50, { withinMs: 60_000 });
  await load.stop();
  await load.check(t);
});

test('the leading broker hangs: another one leads, and what it does when it wakes changes nothing', async (t) => {
  if (!hasKafka(t)) return;
  const topic = newTopic();
  const log = await open(t, { topic });
  await log.takeOver(owner, LOG_START);
  const load = new Load(log);
  load.start();
  await until(() => load.acknowledged >= 50);
  const leader = await cluster.leaderOf(topic);
  await cluster.signal(leader, 'SIGSTOP');
  const atStop = load.acknowledged + 1;
  try {
    await until(() => load.acknowledged >= atStop + 50, { withinMs: 60_000 });
  } finally {
    await cluster.signal(leader, 'SIGCONT');
  }
  const atWake = load.acknowledged;
  await until(() => load.acknowledged >= atWake + 50, { withinMs: 60_000 });
  await load.stop();
  await load.check(t);
});

test('connections break in the middle of requests and answers: each frame is stored once', async (t) => {
  if (!hasKafka(t)) return;
  const proxies = await Promise.all(
    cluster.addresses(3).map(async (at, index) => {
      const to = cluster.addresses(2)[index];
      assert.ok(to);
      const proxy = await Proxy.start(at, to);
      t.after(() => proxy.close());
      return proxy;
    }),
  );
  const log = await openLog(cluster.addresses(3));
  t.after(() => log.close());
  const interferences: Interference[] = [
    'lose answer',
    'cut request',
    'cut answer',
    'lose answer',
    'lose answer',
    { delayMs: 300 },
    'cut request',
  ];
  await log.takeOver(owner, LOG_START);
  const texts: string[] = [];
  const big = Buffer.alloc(1024 * 1024, 'x');
  let last = 0;
  for (const [index, interference] of interferences.entries()) {
    for (const proxy of proxies) proxy.interferences.push(interference);
    texts.push(`frame ${index}`);
    last = await append(log, `frame ${index}`);
    for (const proxy of proxies) proxy.interferences.splice(0, Infinity, interference);
    last = await log.append('heartbeat', [big]);
  }
  const frames = await framesUpTo(log, LOG_START, last);
  assert.deepEqual(textsOf(frames), texts);
  assert.equal(frames.length, 1 + 2 * interferences.length);
});

test('frames of 32 MiB and records of 10 MiB pass, compressed or not', async (t) => {
  if (!hasKafka(t)) return;
  for (const compression of ['none', 'zstd'] as const) {
    const log = await open(t, { compression });
    await log.takeOver(owner, LOG_START);
    const record = Buffer.alloc(10 * 1024 * 1024, 'nagare');
    await log.append('commit', [record]);
    const last = await log.append('commit', [record, record, record, Buffer.alloc(2 * 1024 * 1024)]);
    const [, one, four] = await framesUpTo(log, LOG_START, last);
    assert.ok(record.equals(Buffer.from(one?.payload ?? [])));
    assert.equal(four?.payload.length, 32 * 1024 * 1024);
  }
});

test('the topic is created with what a shared log needs, synced or not', async (t) => {
  if (!hasKafka(t)) return;
  const memory = await open(t);
  assert.deepEqual(memory.topic, {
    durability: 'quorum-memory',
    replicas: 3,
    replicasInSync: 2,
    batchBytesMax: 64 * 1024 * 1024,
  });
  const topic = newTopic();
  const synced = await open(t, { topic, durability: 'quorum-fsync' });
  assert.equal(synced.topic.durability, 'quorum-fsync');
  await synced.takeOver(owner, LOG_START);
  await append(synced, 'x');
  // What the topic does counts, not what was asked for.
  assert.equal((await open(t, { topic })).topic.durability, 'quorum-fsync');
});

test('a topic that is too small for a frame is refused with words', async (t) => {
  if (!hasKafka(t)) return;
  const topic = newTopic();
  const [address] = cluster.addresses();
  assert.ok(address);
  const connection = await Connection.open(address, {}, systemClock);
  t.after(() => connection.close());
  const request = { topic, replicas: 3, settings: { 'max.message.bytes': '1048576' }, timeoutMs: 20_000 };
  assert.equal((await connection.call(createTopics, request)).errorCode, 0);
  await assert.rejects(open(t, { topic }), (error) => {
    assert.ok(error instanceof KafkaSetupError, String(error));
    assert.match(error.message, /max\.message\.bytes is 1048576, but must be 67108864 or more/);
    assert.match(error.message, /retention\.ms is 604800000, but must be -1/);
    return true;
  });
});
