import { unlimited } from '../support/unlimited.ts';
/**
 * Not a test: the process that store-kills.suite.ts kills. Streams, a list log and a consumer on a small engine,
 * without an edge. Into a file it tells, in lines of JSON, what it is about to do and what was acknowledged; what was
 * written to a file outlives the process.
 *
 *   node loaded-store.ts <folder> <file> <state as JSON>
 */
import { ResponseMemoryBudget, ResponseReservation } from '../../src/http/response-memory-budget.ts';
import { principal } from '../support/admission.ts';
import { openSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { KeyedLock } from '../../src/support/keyed-lock.ts';
import { CatalogCheckpoints } from '../../src/consumers/checkpoints.ts';
import { StreamConsumer } from '../../src/consumers/stream-consumer.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { ServiceError } from '../../src/errors.ts';
import { openKinesis, type KinesisService } from '../../src/services/kinesis/kinesis.ts';
import { applyDeclared } from '../support/declarations.ts';
import { openListLogs } from '../../src/services/listlog/listlog.ts';
import { MetricRegistry } from '../../src/metrics.ts';
import { EncodedOutput, type CallContext } from '../../src/protocol/service.ts';
import { openObjectStorage } from '../../src/services/s3/s3.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { seededRandom } from '../support/random.ts';
import type { Given, Put, Told } from './told.ts';
import { until } from '../support/until.ts';

const STREAM = 'words';
const STEP_MS = 2 * 3_600_000;

const [folder = '', file = '', given = ''] = process.argv.slice(2);
const told = openSync(file, 'w');
// Written by the suite.
const state = JSON.parse(given) as Given;
const random = seededRandom(state.seed);
let offsetMs = state.offsetMs;
const clock: Clock = { ...systemClock, now: () => Date.now() + offsetMs };

function tell(what: Told): void {
  writeSync(told, `${JSON.stringify(what)}\n`);
}

const region = 'us-east-1';
const accountId = '000000000000';
const metrics = new MetricRegistry();
const log = silentLog;
const bounds = { segmentBytes: 64 * 1024, chunkBytesMax: 16 * 1024, tailCacheBytes: 256 * 1024 };
const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), clock, log, bounds });
const kinesis = await openKinesis({
  acting: unlimited,
  engine,
  clock,
  metrics,
  log,
  region,
  accountId,
  folder,
});
const objects = await openObjectStorage({ engine, metrics, folder, clock, log, region, accountId });
await applyDeclared(kinesis.declarer, { streams: { [STREAM]: { shardCount: 3 } } });
const handled = [...state.handled];
const repeated = new Set<number>();
for (const put of state.pending) {
  await store(put);
  repeated.add(put.writer);
}
tell({ kind: 'dump', ...(await dump()) });
if (state.last) await finish();
else await work();

async function work(): Promise<void> {
  // What is a day old goes; the clock jumps only when nothing is to be repeated any more.
  offsetMs += STEP_MS;
  openListLog();
  readOnAndOn();
  tell({ kind: 'ready' });
  console.log('ready');
  untilCaughtUp().then(() => console.log('caught up'), fail);
  await Promise.all([
    ...state.next.map((from, writer) => write(writer, from)),
    reshard(),
    tag(),
    coming(),
    sweep(),
  ]);
}

/** The list log and the consumer have all records from before this run. */
async function untilCaughtUp(): Promise<void> {
  await until(async () => (await readLines()).length >= state.records, {
    what: 'the list log has all records',
    withinMs: 120_000,
    pauseMs: 50,
  });
  await until(() => state.next.every((next, writer) => (handled[writer] ?? -1) >= next - 1), {
    what: 'the consumer was handed all records',
    withinMs: 120_000,
  });
}

/** Waits until the list log and the consumer have all, then leaves in good order. */
async function finish(): Promise<void> {
  const listLogs = openListLog();
  const consumer = readOnAndOn();
  await untilCaughtUp();
  // What came twice would come now.
  await sleep(300);
  tell({ kind: 'lines', lines: await readLines() });
  await consumer.close();
  await listLogs.close();
  await objects.close();
  await kinesis.close();
  await engine.close();
}

async function readLines(): Promise<string[]> {
  const object = await objects.store.get('archive', 'lines.txt').catch(() => undefined);
  return object === undefined ? [] : object.body.toString().split('\n').slice(0, -1);
}

function openListLog(): ReturnType<typeof openListLogs> {
  const remoteStores = { open: () => Promise.reject(new Error('there is no other')) };
  const streams = kinesis.source;
  const listLogs = openListLogs({ engine, streams, store: objects.store, remoteStores, metrics, clock, log });
  const all = { stream: STREAM, bucket: 'archive', key: 'lines.txt', format: '{w} {n}' };
  const made = applyDeclared(listLogs.declarer, { listLogs: { all } });
  made.catch(fail);
  return listLogs;
}

function readOnAndOn(): StreamConsumer {
  const consumer = new StreamConsumer({
    name: 'test/consumer',
    stream: STREAM,
    source: kinesis.source,
    positions: new CatalogCheckpoints(engine.catalog, 'test/consumer'),
    shardLocks: new KeyedLock(),
    batch: { recordsMax: 50, bytesMax: 100_000 },
    handle: ({ records }) => {
      const found = records.map(({ data }) => parse(data));
      tell({ kind: 'handled', records: found });
      for (const [writer, n] of found) handled[writer] = Math.max(handled[writer] ?? -1, n);
      return Promise.resolve();
    },
    clock,
    log,
  });
  consumer.start();
  return consumer;
}

async function write(writer: number, from: number): Promise<void> {
  for (let n = from; ;) {
    const count = random() < 0.5 ? 1 : 1 + Math.floor(random() * 12);
    const put = { writer, id: randomUUID(), from: n, count };
    tell({ kind: 'try', put });
    await store(put);
    n += count;
  }
}

async function store(put: Put): Promise<void> {
  const { writer, id, from, count } = put;
  const records = Array.from({ length: count }, (_, place) => ({
    PartitionKey: `writer ${writer}`,
    Data: Buffer.from(JSON.stringify({ w: writer, n: from + place })),
  }));
  const [first] = records;
  if (count === 1) await call(kinesis, 'PutRecord', { StreamName: STREAM, ...first }, id);
  else await call(kinesis, 'PutRecords', { StreamName: STREAM, Records: records }, id);
  tell({ kind: 'stored', put, atMs: clock.now() });
}

async function reshard(): Promise<void> {
  for (;;) {
    await sleep(random() * 60);
    const open = (await listShards()).filter(
      ({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined,
    );
    const TargetShardCount = Math.max(Math.ceil(open.length / 2), 1 + Math.floor(random() * 5));
    const split = open[Math.floor(random() * open.length)];
    const middle =
      split && (BigInt(split.HashKeyRange.StartingHashKey) + BigInt(split.HashKeyRange.EndingHashKey)) / 2n;
    const roll = random();
    if (roll < 0.4 && open.length < 6) {
      await attempt('SplitShard', { ShardToSplit: split?.ShardId, NewStartingHashKey: String(middle) });
    } else if (roll < 0.7 && open.length > 1) {
      const [one, other] = open.toSorted((a, b) =>
        BigInt(a.HashKeyRange.StartingHashKey) < BigInt(b.HashKeyRange.StartingHashKey) ? -1 : 1,
      );
      await attempt('MergeShards', { ShardToMerge: one?.ShardId, AdjacentShardToMerge: other?.ShardId });
    } else {
      await attempt('UpdateShardCount', { TargetShardCount, ScalingType: 'UNIFORM_SCALING' });
    }
  }
}

/** Some cannot be done just now (another is under way, no neighbour): that is an answer. */
async function attempt(operation: string, input: object): Promise<boolean> {
  try {
    await call(kinesis, operation, { StreamName: STREAM, ...input });
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

async function tag(): Promise<void> {
  for (let value = state.tag + 1; ; value++) {
    await sleep(random() * 10);
    tell({ kind: 'tagging', value });
    while (!(await attempt('AddTagsToStream', { Tags: { value: String(value) } }))) await sleep(1);
    tell({ kind: 'tagged', value });
  }
}

/** Streams that come and go, with a record in each. */
async function coming(): Promise<void> {
  for (let n = 0; ; n++) {
    await sleep(random() * 30);
    const StreamName = `stream-${state.seed}-${n}`;
    tell({ kind: 'stream', name: StreamName, step: 'creating' });
    await call(kinesis, 'CreateStream', { StreamName, ShardCount: 2 });
    tell({ kind: 'stream', name: StreamName, step: 'created' });
    await call(kinesis, 'PutRecord', { StreamName, PartitionKey: 'k', Data: Buffer.from('x') });
    if (random() < 0.2) continue;
    tell({ kind: 'stream', name: StreamName, step: 'deleting' });
    await call(kinesis, 'DeleteStream', { StreamName });
    tell({ kind: 'stream', name: StreamName, step: 'deleted' });
  }
}

async function sweep(): Promise<void> {
  for (;;) {
    await sleep(random() * 40);
    await kinesis.sweep();
  }
}

interface ShardDescription {
  readonly ShardId: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
}

async function listShards(): Promise<ShardDescription[]> {
  // As the API says.
  const { Shards } = (await call(kinesis, 'ListShards', { StreamName: STREAM })) as {
    Shards: ShardDescription[];
  };
  return Shards;
}

/** All that a reader can see now. */
async function dump(): Promise<Omit<Extract<Told, { kind: 'dump' }>, 'kind'>> {
  const records: [string, number, number][] = [];
  for (const { ShardId } of await listShards()) {
    const begin = { StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let iterator = (await call(kinesis, 'GetShardIterator', begin))['ShardIterator'];
    while (iterator !== undefined) {
      const answer = await call(kinesis, 'GetRecords', { ShardIterator: iterator });
      // As the API says.
      for (const { Data, SequenceNumber } of answer['Records'] as {
        Data: Uint8Array;
        SequenceNumber: string;
      }[]) {
        records.push([SequenceNumber, ...parse(Data)]);
      }
      iterator = answer['MillisBehindLatest'] === 0 ? undefined : answer['NextShardIterator'];
    }
  }
  const streams = [...engine.catalog.table<{ name: string }>('kinesis.streams').entries()].map(
    ([name]) => name,
  );
  const row = engine.catalog.table<{ tags: Record<string, string> }>('kinesis.streams').get(STREAM);
  return { records, streams, tag: Number(row?.tags['value'] ?? 0), nowMs: clock.now() };
}

function parse(data: Uint8Array): [number, number] {
  // Written by `store`.
  const { w, n } = JSON.parse(Buffer.from(data).toString()) as { w: number; n: number };
  return [w, n];
}

async function call(
  { service }: KinesisService,
  name: string,
  input: object,
  invocationId?: string,
): Promise<Record<string, unknown>> {
  const operation = service.operation(name);
  if (typeof operation !== 'function') throw new Error(`no operation ${name}`);
  const responseMemory = new ResponseReservation(new ResponseMemoryBudget());
  const context = {
    requestId: 'r',
    invocationId,
    region,
    accountId,
    signal: new AbortController().signal,
    principal,
    http: { headers: {}, responseMemory },
  };
  // Operations of streams use nothing else of the HTTP request; inputs are what the API's are.
  const output = await operation(input as never, context as unknown as CallContext);
  responseMemory.free();
  const value = output instanceof EncodedOutput ? output.value() : output;
  return { ...(value as object) };
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
