/**
 * Firehose beside baselines of its own, in turns: PutRecordBatch beside PutRecords of Kinesis; a stream to the embedded
 * store beside a bare loop that reads the same records through the engine and puts the same bytes by the same client,
 * and with GZIP beside zlib alone; what 1,000 idle delivery streams cost; and memory while a store is down.
 *
 *   node bench/firehose.ts [rounds, 5] [MiB of a stream, 256] [MiB while the store is down, 1024]
 */
import { Acting } from '../src/auth/authorization/acting.ts';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Deliveries } from '../src/delivery/deliveries.ts';
import { ConversionThread } from '../src/delivery/formats/conversion-thread.ts';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import type { Engine } from '../src/engine/engine.ts';
import { unpack } from '../src/engine/packed-records.ts';
import { PayloadCipher } from '../src/engine/payload-cipher.ts';
import { MetricRegistry } from '../src/metrics.ts';
import { newDestination } from '../src/services/firehose/configuration/destination.ts';
import { DeliveryStreams } from '../src/services/firehose/delivery-streams.ts';
import { putDirectly } from '../src/services/firehose/direct-put/put.ts';
import { openKinesis } from '../src/services/kinesis/kinesis.ts';
import { unpackRecord } from '../src/services/kinesis/records/record-codec.ts';
import { asBuffer } from '../src/support/as-buffer.ts';
import type { ShardRow } from '../src/services/kinesis/streams/rows.ts';
import type { CallContext, EncodedOutput } from '../src/protocol/service.ts';
import { EmbeddedStore } from '../src/services/s3/embedded-store.ts';
import { openEmbeddedObjects } from '../src/services/s3/embedded/open.ts';
import type { ObjectStore } from '../src/services/s3/object-store.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { call, callBytes, createStream, randomRecord } from './support/kinesis.ts';
import { runLoad } from './support/load.ts';
import { startNagare } from './support/processes.ts';
import { keyStore } from '../src/engine/key-store.ts';

const [rounds = 5, streamMiB = 256, downMiB = 1024] = process.argv.slice(2).map(Number);
const MIB = 1024 * 1024;
const OBJECT_MIB = 64;
const RECORD_BYTES = 1024;
const BATCH = 500;
const SHARD = 'shardId-000000000000';
const PLACE = { region: 'us-east-1', accountId: '000000000000' };
const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const ROLE = 'arn:aws:iam::000000000000:role/firehose';

let made = 0;
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const recordsOf = () => Array.from({ length: BATCH }, () => randomRecord(RECORD_BYTES));

await directPut();
await toS3('UNCOMPRESSED');
await toS3('GZIP');
await idle();
await storeDown();
process.exit(0);

async function directPut(): Promise<void> {
  await using server = await startNagare('--log-level', 'error');
  const { port } = server;
  await createStream(port, 1);
  await call(port, 'Firehose_20150804.CreateDeliveryStream', {
    DeliveryStreamName: 'bench',
    ExtendedS3DestinationConfiguration: { RoleARN: ROLE, BucketARN: 'arn:aws:s3:::none', ...hints(128, 900) },
  });
  const kinesis = Array.from({ length: 4 }, () =>
    callBytes('PutRecords', { StreamName: 'bench', Records: recordsOf() }),
  );
  const firehose = Array.from({ length: 4 }, () =>
    callBytes('Firehose_20150804.PutRecordBatch', {
      DeliveryStreamName: 'bench',
      Records: recordsOf().map(({ Data }) => ({ Data })),
    }),
  );
  const run = async (requests: readonly Buffer[]) => {
    const result = await runLoad({ port, connections: 4, durationMs: 2000, requests });
    if (result.failures > 0) throw new Error(`${result.failures} requests failed`);
    return result.requestsPerSecond * BATCH;
  };
  await inTurns(
    'PutRecordBatch of 500 x 1 KiB, records/s',
    () => run(firehose),
    () => run(kinesis),
  );
}

async function toS3(compression: 'UNCOMPRESSED' | 'GZIP'): Promise<void> {
  await using world = await openWorld();
  const { deliveryStreams, engine, store } = world;
  const last = await fill(world, compression === 'GZIP' ? jsonRecord : () => randomBytes(RECORD_BYTES));
  let round = 0;
  const deliver = async () => {
    const name = `d${round++}`;
    const began = performance.now();
    await deliveryStreams.create({ ...newStream(name, compression, OBJECT_MIB, 0), start: 'TRIM_HORIZON' });
    await until(() => world.delivered(name) === last);
    const seconds = (performance.now() - began) / 1000;
    await deliveryStreams.delete(name, true);
    return streamMiB / seconds;
  };
  const bare = async () => {
    const began = performance.now();
    let key = 0;
    for await (const body of bodies(engine)) {
      const content = compression === 'GZIP' ? await promisify(gzip)(body) : body;
      // zlib's own speed is without the store.
      if (compression === 'UNCOMPRESSED') {
        await store.put('lake', `bare/${round}/${key++}`, content, { condition: { ifNoneMatch: '*' } });
      }
    }
    return streamMiB / ((performance.now() - began) / 1000);
  };
  await inTurns(`a stream to S3, ${compression}, MiB/s`, deliver, bare);
}

/** Processor time a second, in milliseconds. */
async function processorMs(): Promise<number> {
  const before = process.cpuUsage();
  await sleep(5000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / 5;
}

async function idle(): Promise<void> {
  await using world = await openWorld();
  const none = await processorMs();
  for (let count = 0; count < 1000; count++) {
    await world.deliveryStreams.create({
      ...newStream(`i${count}`, 'UNCOMPRESSED', 5, 300),
      source: { type: 'DirectPut' },
    });
  }
  await sleep(1000);
  const many = await processorMs();
  console.log(
    `1,000 idle delivery streams: ${many.toFixed(1)} ms of processor time a second; none: ${none.toFixed(1)}`,
  );
}

async function storeDown(): Promise<void> {
  await using world = await openWorld({ down: true });
  const { deliveryStreams } = world;
  await deliveryStreams.create({ ...newStream('down', 'UNCOMPRESSED', 5, 1), source: { type: 'DirectPut' } });
  const records = Array.from({ length: BATCH }, () => randomBytes(RECORD_BYTES));
  const put = () => putDirectly(deliveryStreams, 'down', records, undefined);
  for (let warm = 0; warm < 64; warm++) await put();
  const before = await anonymousMiB();
  let most = before;
  for (let sent = 0; sent < downMiB * MIB; sent += BATCH * RECORD_BYTES) {
    await put();
    if (sent % (64 * MIB) < BATCH * RECORD_BYTES) most = Math.max(most, await anonymousMiB());
  }
  console.log(
    `${downMiB} MiB while the store is down: RssAnon ${before.toFixed(0)} MiB before, ${most.toFixed(0)} MiB at most`,
  );
}

type World = Awaited<ReturnType<typeof openWorld>>;

async function openWorld({ down = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  await mkdir(join(folder, 'objects'));
  const parts = { clock: systemClock, log: silentLog, metrics: new MetricRegistry() };
  const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), ...parts });
  const embedded = await openEmbeddedObjects({ engine, folder: join(folder, 'objects'), ...parts });
  const own = new EmbeddedStore(embedded);
  await own.createBucket('lake');
  const store: ObjectStore = down ? failing(own) : own;
  const kinesis = await openKinesis({
    acting: new Acting({ isLimited: false }),
    engine,
    ...parts,
    ...PLACE,
    folder,
  });
  const streams = kinesis.source;
  const deliveries = new Deliveries({ engine, ...parts, store, cipher: new PayloadCipher(randomBytes(32)) });
  const deliveryStreams = new DeliveryStreams({
    ...parts,
    engine,
    ...PLACE,
    lifecycleMs: 0,
    keys: keyStore(Buffer.alloc(32, 1), []),
    streams,
    deliveries,
    logs: { named: () => unused() },
    routes: {
      acting: new Acting({ isLimited: false }),
      store,
      clock: systemClock,
      region: 'us-east-1',
      functions: { describe: () => undefined, invoke: () => unused() },
      schemas: { find: () => unused() },
      post: () => unused(),
      openDatabase: () => unused(),
      tables: { settings: () => undefined, append: () => unused() },
      thread: new ConversionThread(silentLog),
      activePartitionsMax: 500,
    },
  });
  deliveryStreams.start();
  return {
    engine,
    store,
    kinesis,
    deliveryStreams,
    /** The sequence number up to which a delivery stream has delivered. */
    delivered(name: string): string | undefined {
      const view = streams.describe('s');
      const { id } = deliveryStreams.require(name);
      const checkpoint = view && deliveries.checkpoint(id, view, SHARD);
      if (checkpoint?.state !== 'reading' || checkpoint.from.type !== 'AFTER_SEQUENCE_NUMBER')
        return undefined;
      return checkpoint.from.sequenceNumber;
    },
    async [Symbol.asyncDispose]() {
      await deliveryStreams.close();
      await kinesis.close();
      await embedded.close();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts records into a stream of one shard; resolves with the last sequence number. */
async function fill({ kinesis }: World, data: () => Uint8Array): Promise<string> {
  const { service } = kinesis;
  const operation = (name: string, input: object): Promise<unknown> => {
    const handler = service.operation(name);
    if (typeof handler !== 'function') throw new Error(`there is no ${name}`);
    // The handlers take what the model defines, and of the call only these.
    const context = { invocationId: undefined, signal: new AbortController().signal, ...PLACE };
    return Promise.resolve(handler(input as never, context as unknown as CallContext));
  };
  await operation('CreateStream', { StreamName: 's', ShardCount: 1 });
  let last = '';
  for (let sent = 0; sent < streamMiB * MIB; sent += BATCH * RECORD_BYTES) {
    const Records = Array.from({ length: BATCH }, () => ({ PartitionKey: 'k', Data: data() }));
    const output = await operation('PutRecords', { StreamName: 's', Records });
    const { Records: answers } = (output as EncodedOutput).value() as {
      Records: { SequenceNumber: string }[];
    };
    last = answers.at(-1)?.SequenceNumber ?? last;
  }
  return last;
}

/** The bytes of the objects, read through the engine and put together. */
async function* bodies(engine: Engine): AsyncGenerator<Buffer> {
  const [[, shard] = []] = engine.catalog.table<ShardRow>('kinesis.shards').entries();
  if (shard === undefined) return;
  const { nextIndex } = engine.bounds(shard.log);
  let parts: Buffer[] = [];
  let bytes = 0;
  for (let next = 0; next < nextIndex;) {
    const batches = await engine.read(shard.log, next, {
      maxRecords: 10_000,
      maxBytes: OBJECT_MIB * MIB - bytes,
    });
    for (const batch of batches) {
      const content = asBuffer(batch.bytes);
      unpack(batch, (_ordinal, offset, length) => {
        const { data } = unpackRecord(content, offset, length);
        parts.push(data);
        bytes += data.length;
      });
      next = batch.firstIndex + batch.count;
    }
    if (bytes < OBJECT_MIB * MIB && next < nextIndex) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
  }
}

function newStream(name: string, compression: 'UNCOMPRESSED' | 'GZIP', sizeMiB: number, seconds: number) {
  return {
    name,
    source: { type: 'KinesisStreamAsSource' as const, streamArn: STREAM_ARN, roleArn: ROLE },
    destination: newDestination(
      {
        DeliveryStreamName: name,
        ExtendedS3DestinationConfiguration: {
          RoleARN: ROLE,
          BucketARN: 'arn:aws:s3:::lake',
          CompressionFormat: compression,
          ...hints(sizeMiB, seconds),
        },
      },
      { sourceType: 'DirectPut', streamName: name },
    ),
    tags: {},
  };
}

function hints(SizeInMBs: number, IntervalInSeconds: number) {
  return { BufferingHints: { SizeInMBs, IntervalInSeconds } };
}

function jsonRecord(): Buffer {
  const at = new Date(1_790_000_000_000 + made * 17).toISOString();
  const record = {
    id: made++,
    at,
    customer: `customer-${made % 977}`,
    note: randomBytes(120).toString('base64'),
  };
  return Buffer.from(`${JSON.stringify(record).padEnd(RECORD_BYTES - 1, ' ')}\n`);
}

/** Every put fails; nothing is written. */
function failing(store: ObjectStore): ObjectStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'put') return () => Promise.reject(new Error('the store is down'));
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

async function inTurns(
  what: string,
  ours: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<void> {
  const ratios: number[] = [];
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const mine = await ours();
    figures.push(mine);
    ratios.push(mine / (await baseline()));
  }
  console.log(`${what}: ${middle(figures).toFixed(0)}, ${middle(ratios).toFixed(2)} of the baseline`);
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(5);
}

async function anonymousMiB(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/RssAnon:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

function unused(): never {
  throw new Error('nothing of this is used');
}
