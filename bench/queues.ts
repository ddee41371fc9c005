/**
 * Queues beside a stream, on one server, in turns: batches of ten messages of 1 KiB that are sent, received and deleted,
 * and PutRecords with the same ten records. Read the ratios. That of processor time holds on a busy machine, too.
 *
 *   node bench/queues.ts [secondsPerRound, 3] [rounds, 3]
 *   node bench/queues.ts --waiting [messages, 10000000]   memory and start with so many messages of 100 B
 *   node bench/queues.ts --latency [secondsPerRound, 5] [rounds, 3]   a waiting consumer beside a pushed subscriber
 *   node bench/queues.ts --peer [secondsPerRound, 3] [rounds, 3]   beside ElasticMQ, which needs Java and Maven
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import { MetricRegistry } from '../src/metrics.ts';
import { Queues } from '../src/services/sqs/queues.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { startElasticMq } from './support/elasticmq.ts';
import { callBytes, createStream, randomRecord, STREAM } from './support/kinesis.ts';
import { median, readOne } from './support/load.ts';
import { processorMs, startNagare, startProgram, type Running } from './support/processes.ts';
import { latencies, pushedSubscriber, waitingConsumer } from './support/queue-latency.ts';
import {
  BATCH,
  BODY_BYTES,
  createQueue,
  drain,
  type Figures,
  load,
  sendRequests,
  sqsBytes,
} from './support/sqs.ts';
import { rssAnonMb, type Start, startMs } from './support/start.ts';

const GROUPS = 1000;
const IDLE_POLLS = 1000;
/** Requests to a FIFO queue for a second: more than can be sent, because it takes a message once. */
const ORDERED_REQUESTS_PER_SECOND = 5_000;

function putRequests(): Buffer[] {
  return Array.from({ length: 64 }, () =>
    callBytes('PutRecords', {
      StreamName: STREAM,
      Records: Array.from({ length: BATCH }, () => randomRecord(BODY_BYTES)),
    }),
  );
}

class Rounds {
  readonly #found: Record<string, Figures[]> = {};

  async take(name: string, figures: Promise<Figures>): Promise<void> {
    (this.#found[name] ??= []).push(await figures);
  }

  of(name: string, pick: keyof Figures): number {
    return median((this.#found[name] ?? []).map((one) => one[pick]));
  }

  report(name: string, base: string, goal: number): void {
    const rate = this.of(name, 'perSecond') / this.of(base, 'perSecond');
    const processor = this.of(base, 'processorUs') / this.of(name, 'processorUs');
    console.log(
      `${name}: ${(this.of(name, 'perSecond') / 1000).toFixed(1)} k/s, ${this.of(name, 'processorUs').toFixed(1)} us each; ` +
        `${rate.toFixed(2)} of the rate of ${base}, ${processor.toFixed(2)} by processor time (goal ${goal})`,
    );
  }
}

async function idlePolls(server: Running, QueueUrl: string): Promise<void> {
  const seconds = 10;
  const spent = async (): Promise<number> => {
    const before = await processorMs(server);
    await sleep(seconds * 1000);
    return ((await processorMs(server)) - before) / seconds;
  };
  const without = await spent();
  const poll = sqsBytes('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
  const over = new AbortController();
  const polls = Array.from({ length: IDLE_POLLS }, async () => {
    await using connection = await readOne(server.port);
    while (!over.signal.aborted) await connection.send(poll);
  });
  await sleep(3000);
  const withPolls = await spent();
  over.abort();
  console.log(
    `${IDLE_POLLS} idle long polls: ${withPolls.toFixed(1)} ms/s of processor time, ${without.toFixed(1)} without`,
  );
  server.process.kill('SIGKILL');
  await Promise.allSettled(polls);
}

async function bench(durationMs: number, rounds: number): Promise<void> {
  await using server = await startNagare();
  const { port } = server;
  await createStream(port, 1);
  const queue = await createQueue(port, 'standard');
  const fifo = await createQueue(port, 'ordered.fifo', { FifoQueue: 'true' });
  const [puts, sends] = [putRequests(), sendRequests(queue, 64)];
  const found = new Rounds();
  await load(server, puts, 1000);
  await load(server, sends, 1000);
  for (let round = 0; round < rounds; round++) {
    await found.take('PutRecords', load(server, puts, durationMs));
    await found.take('SendMessageBatch', load(server, sends, durationMs));
    await found.take('Receive and delete', drain(server, queue, durationMs));
    const ordered = sendRequests(fifo, (durationMs / 1000) * ORDERED_REQUESTS_PER_SECOND, GROUPS);
    await found.take('SendMessageBatch, FIFO', load(server, ordered, durationMs));
    await found.take('Receive and delete, FIFO', drain(server, fifo, durationMs));
  }
  found.report('SendMessageBatch', 'PutRecords', 0.7);
  found.report('Receive and delete', 'PutRecords', 0.6);
  found.report('SendMessageBatch, FIFO', 'SendMessageBatch', 0.5);
  found.report('Receive and delete, FIFO', 'Receive and delete', 0.5);
  await idlePolls(server, await createQueue(port, 'idle'));
}

async function besidePeer(durationMs: number, rounds: number): Promise<void> {
  await using ours = await startNagare();
  await using theirs = await startElasticMq();
  const found = new Rounds();
  const servers = await Promise.all(
    Object.entries({ nagare: ours, ElasticMQ: theirs }).map(async ([name, server]) => ({
      name,
      server,
      queue: await createQueue(server.port, 'standard'),
      fifo: await createQueue(server.port, 'ordered.fifo', { FifoQueue: 'true' }),
    })),
  );
  for (let round = -1; round < rounds; round++) {
    const isWarmUp = round < 0;
    for (const { name, server, queue, fifo } of servers) {
      const label = isWarmUp ? `${name} while it warms up` : name;
      await found.take(`${label}, send`, load(server, sendRequests(queue, 64), durationMs));
      await found.take(`${label}, receive and delete`, drain(server, queue, durationMs));
      const ordered = sendRequests(fifo, (durationMs / 1000) * ORDERED_REQUESTS_PER_SECOND, GROUPS);
      await found.take(`${label}, send FIFO`, load(server, ordered, durationMs));
      await found.take(`${label}, receive and delete FIFO`, drain(server, fifo, durationMs));
    }
  }
  for (const work of ['send', 'receive and delete', 'send FIFO', 'receive and delete FIFO'])
    found.report(`nagare, ${work}`, `ElasticMQ, ${work}`, 3);
}

async function latency(durationMs: number, rounds: number): Promise<void> {
  await using server = await startNagare();
  await createStream(server.port, 1);
  for (let round = 0; round < rounds; round++) {
    const pushed = await latencies(server.port, durationMs, pushedSubscriber);
    const received = await latencies(server.port, durationMs, waitingConsumer);
    const text = ({ p50Ms, p99Ms, sent }: typeof pushed): string =>
      `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms (${sent})`;
    console.log(
      `waiting consumer ${text(received)}; pushed subscriber ${text(pushed)}; ` +
        `${(received.p50Ms / pushed.p50Ms).toFixed(2)} of its p50 (goal at most 2)`,
    );
  }
}

const FILL_BATCH = 1000;

/** Sends messages to a queue of a stopped server. */
async function fill(dataDir: string, messages: number): Promise<void> {
  const folder = join(dataDir, 'engine');
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const queues = new Queues({
    engine,
    clock: systemClock,
    metrics: new MetricRegistry(),
    log: silentLog,
    region: 'us-east-1',
    accountId: '000000000000',
    hasAwsLimits: false,
  });
  await queues.create({ name: 'waiting', attributes: {}, tags: {} }, () => {});
  const { messages: queue } = queues.open('waiting');
  const digest = randomBytes(16).toString('hex');
  for (let sent = 0; sent < messages; sent += FILL_BATCH) {
    const batch = Array.from({ length: Math.min(FILL_BATCH, messages - sent) }, () => ({
      id: randomBytes(16),
      digest,
      body: 'x'.repeat(100),
    }));
    await queue.send(batch);
  }
  await queues.close();
  await engine.close();
}

const STARTS = 5;

async function waiting(messages: number): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'nagare-queues-'));
  try {
    const [empty, full] = [join(root, 'empty'), join(root, 'full')];
    await fill(empty, 0);
    await fill(full, messages);
    const starts: Record<string, Start[]> = {};
    for (let round = 0; round < STARTS; round++) {
      for (const folder of [empty, full]) (starts[folder] ??= []).push(await startMs(folder));
    }
    const of = (folder: string, pick: keyof Start): number =>
      median((starts[folder] ?? []).map((one) => one[pick]));
    for (const [name, folder] of [
      ['no messages', empty],
      [`${messages} messages`, full],
    ] as const) {
      console.log(
        `${name}: started in ${of(folder, 'ms').toFixed(0)} ms, ${of(folder, 'cpuMs').toFixed(0)} ms of processor time, ` +
          `RssAnon ${of(folder, 'rssAnonMb').toFixed(0)} MB`,
      );
    }
    console.log(
      `${(of(full, 'cpuMs') / of(empty, 'cpuMs')).toFixed(2)} of an empty start (goal at most 1.5)`,
    );
    await receiveSome(full);
  } finally {
    await rm(root, { recursive: true });
  }
}

/** Memory after receives from the front of a long backlog. */
async function receiveSome(dataDir: string): Promise<void> {
  await using server = await startProgram(['src/main.ts', 'start', '--port', '0', '--data-dir', dataDir]);
  const QueueUrl = `http://127.0.0.1:${server.port}/000000000000/waiting`;
  const request = sqsBytes('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: BATCH });
  await using connection = await readOne(server.port);
  for (let round = 0; round < 100; round++) await connection.send(request);
  const memory = await rssAnonMb(server.process.pid ?? 0);
  console.log(`after a thousand received messages: RssAnon ${memory.toFixed(0)} MB`);
}

const [mode = '', ...numbers] = process.argv.slice(2);
const [first, second] = (mode.startsWith('--') ? numbers : [mode, ...numbers]).map(Number);
const rounds = second ?? 3;
if (mode === '--waiting') await waiting(first ?? 10_000_000);
else if (mode === '--latency') await latency((first ?? 5) * 1000, rounds);
else if (mode === '--peer') await besidePeer((first ?? 3) * 1000, rounds);
else await bench((first || 3) * 1000, rounds);
