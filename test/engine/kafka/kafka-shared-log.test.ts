import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { KafkaSetupError } from '../../../src/engine/kafka/errors.ts';
import type { KafkaLogOptions } from '../../../src/engine/kafka/open.ts';
import type { KafkaSharedLog } from '../../../src/engine/kafka/kafka-shared-log.ts';
import { kafkaLimits } from '../../../src/engine/kafka/limits.ts';
import { encodeBatch } from '../../../src/engine/kafka/record-batch.ts';
import type { KafkaSecurity } from '../../../src/engine/kafka/security.ts';
import { encodeFrame } from '../../../src/engine/shared/envelope.ts';
import { DeposedError, LOG_START } from '../../../src/engine/shared/shared-log.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { append, eachFrame, framesUpTo, logContract, textsOf } from '../shared/log-contract.ts';
import { openLog } from './cluster.ts';
import { FakeBroker, type Fault } from './fake-broker.ts';
import { rawClient } from './raw.ts';
import { until } from '../../support/until.ts';

const owner = { url: 'http://127.0.0.1:4566', version: '0.1.0' };

async function newBroker(t: TestContext): Promise<FakeBroker> {
  const broker = await FakeBroker.start();
  t.after(() => broker.close());
  return broker;
}

async function openOn(
  t: TestContext,
  broker: FakeBroker,
  options: Partial<KafkaLogOptions> = {},
): Promise<KafkaSharedLog> {
  const log = await openLog([broker.address], { topic: 'log', ...options });
  t.after(() => log.close());
  return log;
}

logContract('Kafka in memory', async (t) => {
  const broker = await newBroker(t);
  return { open: () => openLog([broker.address], { topic: 'log' }) };
});

logContract('Kafka in memory, compressed', async (t) => {
  const broker = await newBroker(t);
  return { open: () => openLog([broker.address], { topic: 'log', compression: 'zstd' }) };
});

const faults: readonly Fault[] = [
  'lose answer',
  'lose request',
  'cut answer',
  { errorCode: 6 },
  { errorCode: 19 },
  { errorCode: 20 },
  { errorCode: -1 },
  Buffer.from('ffffffff', 'hex'),
  Buffer.from('7fffffff', 'hex'),
  Buffer.from('0000000800000bad00000000', 'hex'),
];

test('an append is repeated until its answer arrives, and stored once', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker);
  await log.takeOver(owner, LOG_START);
  let last = 0;
  for (const [index, fault] of faults.entries()) {
    broker.faults.set('Produce', [fault, fault]);
    last = await append(log, `frame ${index}`);
  }
  assert.deepEqual(
    textsOf(await framesUpTo(log, LOG_START, last)),
    faults.map((_, index) => `frame ${index}`),
  );
  assert.equal(broker.stored, 1 + faults.length);
});

/** What waits for half a minute waits for two seconds. */
const SPEED = 15;
const fastClock = {
  now: () => Date.now(),
  schedule: (delayMs: number, callback: () => void) => systemClock.schedule(delayMs / SPEED, callback),
};

test('an answer that takes longer than half a minute is given up, and its frame is stored once', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker, { clock: fastClock });
  await log.takeOver(owner, LOG_START);
  const begun = performance.now();
  broker.faults.set('Produce', ['hold answer', 'hold answer']);
  const last = await append(log, 'late');
  assert.ok(performance.now() - begun >= (2 * kafkaLimits.answerMs) / SPEED - 5);
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), ['late']);
  assert.equal(broker.stored, 2);
});

test('taking over and reading survive lost and damaged answers', async (t) => {
  const broker = await newBroker(t);
  for (const name of ['Metadata', 'CreateTopics', 'DescribeConfigs'] as const) {
    broker.faults.set(name, ['lose answer', 'cut answer']);
  }
  const log = await openOn(t, broker);
  for (const name of ['Produce', 'InitProducerId', 'ListOffsets', 'Fetch', 'Metadata'] as const) {
    broker.faults.set(name, ['lose answer', 'cut answer', 'lose request', { errorCode: 14 }]);
  }
  const place = await log.takeOver(owner, LOG_START);
  assert.equal(place.term, 1);
  broker.faults.set('Fetch', [...faults]);
  assert.equal((await framesUpTo(log, LOG_START, place.position)).length, 1);
  assert.equal(broker.stored, 1);
});

test('a batch that the broker stores twice, because it forgot the producer, counts once', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker);
  await log.takeOver(owner, LOG_START);
  await append(log, 'one');
  broker.faults.set('Produce', ['lose answer']);
  const appended = append(log, 'two');
  await until(() => broker.stored >= 3);
  broker.forgetProducers();
  const two = await appended;
  const last = await append(log, 'three');
  assert.equal(broker.stored, 5);
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), ['one', 'two', 'three']);
  // A reader that begins right after the first copy does not take the second one for news.
  assert.deepEqual(textsOf(await framesUpTo(log, { term: 1, position: two + 1 }, last)), ['three']);
});

test('without the fence of the broker, that of the content holds', async (t) => {
  const broker = await newBroker(t);
  const [first, second] = [await openOn(t, broker), await openOn(t, broker)];
  const one = await first.takeOver(owner, LOG_START);
  await append(first, 'before');
  await second.takeOver(owner, one);
  broker.forgetProducers();
  // The broker stores it; the old owner sees that it is not where it belongs.
  const stored = broker.stored;
  await assert.rejects(append(first, 'late'), DeposedError);
  assert.equal(broker.stored, stored + 1);
  // The broker now refuses the rightful owner, which takes over again.
  await assert.rejects(append(second, 'refused'), DeposedError);
  const third = await second.takeOver(owner, { term: 2, position: one.position });
  const last = await append(second, 'after');
  assert.equal(third.term, 3);
  assert.deepEqual(textsOf(await framesUpTo(first, LOG_START, last)), ['before', 'after']);
});

test('without the fence of the content, that of the broker holds', async (t) => {
  const broker = await newBroker(t);
  const [first, second] = [await openOn(t, broker), await openOn(t, broker)];
  const one = await first.takeOver(owner, LOG_START);
  await second.takeOver(owner, one);
  const stored = broker.stored;
  await assert.rejects(append(first, 'late'), DeposedError);
  assert.equal(broker.stored, stored);
});

test('a void frame of a deposed owner between two of its own does not depose the owner', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker);
  const one = await log.takeOver(owner, LOG_START);
  const place = await log.takeOver(owner, one);
  const raw = await rawClient(t, broker.address, 'log');
  const late = encodeFrame(1, { kind: 'commit', payload: [Buffer.from('late')] });
  await raw.produce(await encodeBatch(late, { id: 5n, epoch: 0 }, 0, 'none'));
  const last = await append(log, 'after');
  assert.equal(last, place.position + 2);
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), ['after']);
});

test('after the last epoch the owner writes as a new producer, and the old ones stay fenced', async (t) => {
  const broker = await newBroker(t);
  const [log, other] = [await openOn(t, broker), await openOn(t, broker)];
  const raw = await rawClient(t, broker.address, 'log');
  const takeover = encodeFrame(1, { kind: 'takeover', owner, id: 'x' });
  await raw.produce(await encodeBatch(takeover, { id: 5n, epoch: 32_765 }, 0, 'none'));
  let seen = await log.takeOver(owner, { term: 1, position: 0 });
  const texts: string[] = [];
  for (const [index, next] of [other, log, other].entries()) {
    const owning = index % 2 === 0 ? log : other;
    texts.push(`${index}`);
    await append(owning, `${index}`);
    seen = await next.takeOver(owner, seen);
    await assert.rejects(append(owning, 'late'), DeposedError);
  }
  const last = await append(other, 'end');
  assert.deepEqual(textsOf(await framesUpTo(log, { term: 1, position: 0 }, last)), [...texts, 'end']);
});

test('a topic that would lose frames is refused, with what is wrong about it', async (t) => {
  const broker = await newBroker(t);
  await openOn(t, broker);
  const settings = broker.topic?.settings;
  assert.ok(settings);
  const wrong: readonly (readonly [string, string])[] = [
    ['cleanup.policy', 'compact'],
    ['retention.ms', '604800000'],
    ['retention.bytes', '1000'],
    ['max.message.bytes', '1048588'],
    ['min.insync.replicas', '0'],
    ['unclean.leader.election.enable', 'true'],
    ['message.timestamp.type', 'CreateTime'],
  ];
  for (const [name, value] of wrong) {
    const right = settings.get(name) ?? '';
    settings.set(name, value);
    await assert.rejects(openOn(t, broker), (error) => {
      assert.ok(error instanceof KafkaSetupError, String(error));
      assert.match(error.message, new RegExp(`topic log .*: ${name} is ${value}, but must be`));
      return true;
    });
    settings.set(name, right);
  }
  await assert.rejects(openOn(t, broker, { durability: 'quorum-fsync' }), /flush.messages is not set/);
  settings.set('flush.messages', '1');
  assert.equal((await openOn(t, broker)).topic.durability, 'quorum-fsync');
  broker.partitions = 3;
  await assert.rejects(openOn(t, broker), /has 3 partitions; a shared log needs exactly one/);
});

test('a broker that lacks a call, or its version, is refused by name', async (t) => {
  const broker = await newBroker(t);
  broker.offered.set(1, [0, 10]);
  await assert.rejects(openOn(t, broker), /offers Fetch in versions 0 to 10; nagare needs 11/);
  broker.offered.delete(1);
  await assert.rejects(openOn(t, broker), /does not offer Fetch/);
});

function withPassword(password: string): KafkaSecurity {
  return { sasl: { mechanism: 'PLAIN', user: 'nagare', secret: () => Promise.resolve(password) } };
}

test('a password that is wrong is refused at once, and one that is right is accepted', async (t) => {
  const broker = await newBroker(t);
  broker.users = new Map([['nagare', 'right']]);
  await assert.rejects(
    openOn(t, broker, { security: withPassword('wrong') }),
    /refuses the credentials \(SASL PLAIN\)/,
  );
  const log = await openOn(t, broker, { security: withPassword('right') });
  assert.equal((await log.takeOver(owner, LOG_START)).term, 1);
  const scram = {
    sasl: { mechanism: 'SCRAM-SHA-512', user: 'nagare', secret: () => Promise.resolve('right') },
  } as const;
  await assert.rejects(openOn(t, broker, { security: scram }), /offers SASL by PLAIN, not by SCRAM-SHA-512/);
});

test('the log has one line when the cluster is lost and one when it is back', async (t) => {
  const broker = await newBroker(t);
  const recorded = recordedLog();
  const log = await openOn(t, broker, { log: recorded.log });
  await log.takeOver(owner, LOG_START);
  broker.faults.set('Produce', [{ errorCode: 19 }, { errorCode: 19 }, { errorCode: 19 }]);
  await append(log, 'x');
  assert.deepEqual(recorded.lines, [
    'warn: Kafka does not answer as it must; repeating the request',
    'info: Kafka answers again',
  ]);
});

test('a log that is shorter than what was read is not taken over', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker);
  await assert.rejects(log.takeOver(owner, { term: 3, position: 500 }), /was the Kafka topic deleted/);
  assert.equal(broker.stored, 0);
});

test('a frame that is larger than the topic takes is refused before it is sent', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker);
  await log.takeOver(owner, LOG_START);
  const large = Buffer.alloc(32 * 1024 * 1024);
  await assert.rejects(log.append('commit', [large, large]), RangeError);
  await append(log, 'small');
});

test('a reader that is stopped ends, also while no broker answers', async (t) => {
  const broker = await newBroker(t);
  const log = await openOn(t, broker);
  const place = await log.takeOver(owner, LOG_START);
  broker.faults.set(
    'ListOffsets',
    Array.from({ length: 1000 }, (): Fault => 'lose request'),
  );
  for await (const frame of eachFrame(log.follow(place, AbortSignal.timeout(200)))) assert.fail(frame.kind);
  broker.faults.clear();
  broker.faults.set(
    'Fetch',
    Array.from({ length: 1000 }, (): Fault => 'lose request'),
  );
  for await (const frame of eachFrame(log.follow(place, AbortSignal.timeout(200)))) assert.fail(frame.kind);
});

// Responses are received in memory that is used again for the one after the next.
test('frames stay as they are while the next ones arrive, and until they are asked for', async (t) => {
  const broker = await newBroker(t);
  const [log, standby] = [await openOn(t, broker), await openOn(t, broker)];
  const { position } = await log.takeOver(owner, LOG_START);
  const letters = ['a', 'b', 'c', 'd'];
  const appendOf = (letter = ''): Promise<string> =>
    append(log, letter.repeat(kafkaLimits.readBytes * 5)).then(() => letter);
  await appendOf(letters[0]);
  let read = '';
  for await (const frames of standby.follow({ term: 1, position }, AbortSignal.timeout(60_000))) {
    const [frame] = frames.filter(({ kind }) => kind === 'commit');
    if (frame === undefined) continue;
    const letter = letters[read.length] ?? '';
    const next = letters[read.length + 1];
    // The next fetch is under way; its response arrives within some turns of the event loop.
    if (next !== undefined) await appendOf(next);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(Buffer.from(frame.payload).toString(), letter.repeat(kafkaLimits.readBytes * 5));
    read += letter;
    if (next === undefined) break;
  }
  assert.equal(read, letters.join(''));
});
