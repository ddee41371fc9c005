import { unlimited } from '../support/unlimited.ts';
/**
 * A delivery stream whose process is killed at any await, whose store fails, answers late or not at all, and whose
 * function throws, answers nonsense and never the same twice, while its stream is resharded and its destination changes:
 * every record gets into exactly one object, in the order of its shard. Repeat a failed run with its SEED; ROUNDS is the
 * number of histories.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Deliveries } from '../../src/delivery/deliveries.ts';
import { ConversionThread } from '../../src/delivery/formats/conversion-thread.ts';
import type { Catalog } from '../../src/engine/catalog.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { PayloadCipher } from '../../src/engine/payload-cipher.ts';
import { MetricRegistry } from '../../src/metrics.ts';
import { newDestination } from '../../src/services/firehose/configuration/destination.ts';
import { DeliveryStreams } from '../../src/services/firehose/delivery-streams.ts';
import { putDirectly } from '../../src/services/firehose/direct-put/put.ts';
import type { InvokeResult } from '../../src/services/lambda/functions.ts';
import type { ObjectStore } from '../../src/services/s3/object-store.ts';
import { systemClock, type Clock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { FakeStore, type Fate } from '../support/fake-store.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { runSeed, seededPick } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { keyStore } from '../../src/engine/key-store.ts';

const rounds = Number(process.env['ROUNDS'] ?? 30);
const STEPS = 60;
/** The clock is hasty, but the disk of a busy machine is not. */
const SETTLE_MS = 60_000;
const NAME = 'd';
const KEY = Buffer.alloc(32, 7);
const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const ROLE = 'arn:aws:iam::000000000000:role/firehose';

const pass = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that never keeps anybody waiting: a pause passes within a turn of the event loop. */
function hastyClock(): Clock {
  let nowMs = Date.now();
  return {
    now: () => nowMs,
    schedule(delayMs, callback) {
      const immediate = setImmediate(() => {
        nowMs += Math.max(0, delayMs);
        callback();
      });
      return () => clearImmediate(immediate);
    },
  };
}

/** What a process has in hand: when the process dies, no call does anything, and none ends. */
class Life {
  #dead = false;
  readonly #underWay = new Set<Promise<unknown>>();

  of<Thing extends object>(thing: Thing): Thing {
    return new Proxy(thing, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (name === 'catalog') return this.of(member as Catalog);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          if (this.#dead && name !== 'bounds' && name !== 'table') return new Promise(() => {});
          const result: unknown = Reflect.apply(member, target, args);
          if (!(result instanceof Promise)) return result;
          return this.#tracked(result, name === 'waitFor');
        };
      },
    });
  }

  /** Resolves when nothing that could still change anything is under way. */
  async end(): Promise<void> {
    this.#dead = true;
    await Promise.allSettled(this.#underWay);
  }

  #tracked(result: Promise<unknown>, changesNothing: boolean): Promise<unknown> {
    if (!changesNothing) {
      const ended = (): unknown => this.#underWay.delete(result);
      this.#underWay.add(result);
      result.then(ended, ended);
    }
    const never = new Promise(() => {});
    return result.then(
      (value: unknown) => (this.#dead ? never : value),
      (error: unknown) => (this.#dead ? never : Promise.reject(error as Error)),
    );
  }
}

interface Put {
  readonly id: string;
  readonly text: string;
  acknowledged: boolean;
}

/** Everything of one history. */
class World {
  readonly pick: (below: number) => number;
  readonly clock = hastyClock();
  readonly streams = new FakeStreams(() => this.clock.now());
  readonly store = new FakeStore(0);
  readonly engine: Engine;
  readonly direct: boolean;
  readonly transforms: boolean;
  readonly partitions: boolean;
  readonly puts: Put[] = [];
  trouble = true;
  #life = new Life();
  #current: DeliveryStreams;

  constructor(seed: number, engine: (clock: Clock) => Engine, clock: Clock) {
    this.pick = seededPick(seed);
    this.clock = clock;
    this.streams = new FakeStreams(() => clock.now());
    this.engine = engine(clock);
    this.direct = this.pick(2) === 0;
    this.transforms = this.pick(3) > 0;
    this.partitions = this.transforms && this.pick(2) === 0;
    this.store.fate = (): Fate =>
      this.trouble ? ((['lost before', 'lost after', 'late'] as const)[this.pick(8)] ?? 'well') : 'well';
    this.#current = this.#start();
  }

  get current(): DeliveryStreams {
    return this.#current;
  }

  async kill(): Promise<void> {
    await this.#life.end();
    this.#current = this.#start();
  }

  async restart(): Promise<void> {
    await this.#current.close();
    this.#current = this.#start();
  }

  settings(bucket: string) {
    const lambda = {
      Type: 'Lambda' as const,
      Parameters: [
        {
          ParameterName: 'LambdaArn' as const,
          ParameterValue: 'arn:aws:lambda:us-east-1:000000000000:function:f',
        },
        { ParameterName: 'NumberOfRetries' as const, ParameterValue: '1' },
      ],
    };
    const prefix = this.partitions ? 'out/!{partitionKeyFromLambda:p}/' : 'out/';
    return newDestination(
      {
        DeliveryStreamName: NAME,
        ExtendedS3DestinationConfiguration: {
          RoleARN: ROLE,
          BucketARN: `arn:aws:s3:::${bucket}`,
          Prefix: prefix,
          ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
          BufferingHints: { SizeInMBs: 64, IntervalInSeconds: this.pick(2) },
          CompressionFormat: this.pick(2) === 0 ? 'GZIP' : 'UNCOMPRESSED',
          ...(this.transforms && { ProcessingConfiguration: { Enabled: true, Processors: [lambda] } }),
          ...(this.partitions && { DynamicPartitioningConfiguration: { Enabled: true } }),
        },
      },
      { sourceType: 'DirectPut', streamName: NAME },
    );
  }

  /** What the objects and the error objects hold, object by object. */
  objects(): string[][] {
    return Array.from(this.store.objects, ([key, { body }]) => {
      const isGzip = body[0] === 0x1f && body[1] === 0x8b;
      const lines = (isGzip ? gunzipSync(body) : body).toString().split('\n').slice(0, -1);
      if (!key.includes('/errors/')) return lines;
      return lines.map((line) => {
        const { rawData } = JSON.parse(line) as { rawData: string };
        return Buffer.from(rawData, 'base64').toString().trimEnd();
      });
    });
  }

  put(text: string): void {
    const put: Put = {
      id: randomUUID(),
      text,
      acknowledged: false,
    };
    this.puts.push(put);
    void this.#attempt(put).catch(() => undefined);
  }

  /** What the client has no answer for is put again, with the same invocation id. */
  async putAgain(): Promise<void> {
    for (const put of this.puts) if (!put.acknowledged) await this.#attempt(put);
  }

  async #attempt(put: Put): Promise<void> {
    await putDirectly(this.#current, NAME, [Buffer.from(`${put.text}\n`)], put.id);
    put.acknowledged = true;
  }

  #start(): DeliveryStreams {
    this.#life = new Life();
    const engine = this.#life.of(this.engine);
    const store = this.#life.of<ObjectStore>(this.store);
    const { clock, streams } = this;
    const parts = { engine, clock, log: silentLog, metrics: new MetricRegistry() };
    const current = new DeliveryStreams({
      ...parts,
      region: 'us-east-1',
      accountId: '000000000000',
      lifecycleMs: 0,
      keys: keyStore(KEY, []),
      streams,
      deliveries: new Deliveries({ ...parts, store, cipher: new PayloadCipher(KEY) }),
      logs: { named: () => assert.fail('nothing is logged') },
      routes: {
        acting: unlimited,
        store,
        clock,
        region: 'us-east-1',
        functions: { describe: () => undefined, invoke: (_name, payload) => this.#invoke(payload) },
        schemas: { find: () => Promise.resolve(undefined) },
        tables: { settings: () => undefined, append: () => Promise.reject(new Error('there are no tables')) },
        thread: new ConversionThread(silentLog),
        activePartitionsMax: 500,
        post: () => assert.fail('there is no endpoint'),
        openDatabase: () => assert.fail('there is no database'),
      },
    });
    current.start();
    return current;
  }

  /** A function that answers differently each time, and often wrongly. */
  async #invoke(payload: Uint8Array): Promise<InvokeResult> {
    for (let turn = this.pick(4); turn > 0; turn--) await pass();
    const { records } = JSON.parse(Buffer.from(payload).toString()) as {
      records: { recordId: string; data: string }[];
    };
    const answer = records.map(({ recordId, data }) => ({
      recordId,
      result: this.pick(8) === 0 ? 'ProcessingFailed' : 'Ok',
      data,
      metadata: { partitionKeys: { p: `p${this.pick(3)}` } },
    }));
    const wrong = this.trouble ? this.pick(14) : 14;
    const [first] = answer;
    if (wrong === 0) answer.pop();
    if (wrong === 1 && first !== undefined) answer.push(first);
    const text = wrong === 2 ? 'nonsense' : JSON.stringify({ records: answer });
    return {
      payload: Buffer.from(text),
      functionError: wrong === 3 ? 'Unhandled' : undefined,
      requestId: 'r',
      executedVersion: '$LATEST',
      logTail: Buffer.alloc(0),
    };
  }
}

async function step(world: World, open: string[], expected: string[], count: number): Promise<void> {
  const { pick, streams, store } = world;
  const shard = open[pick(open.length)] ?? '';
  switch (pick(14)) {
    case 0:
      if (open.length <= 6) open.splice(open.indexOf(shard), 1, ...streams.split('s', shard));
      return;
    case 1:
      return await world.kill();
    case 2:
      return await world.restart();
    case 3: {
      const { row } = world.current.require(NAME);
      const settings = world.settings(['b', 'c'][pick(2)] ?? 'b');
      void world.current.update(NAME, String(row.version), () => settings).catch(() => undefined);
      return;
    }
    case 4:
      return store.arrive();
    case 5:
      world.current.get(NAME)?.pipeline?.flush();
      return;
    case 6:
    case 7:
      for (let turn = pick(60); turn > 0; turn--) await pass();
      return;
    default: {
      const text = `${world.direct ? 'direct' : shard}:${count}`;
      expected.push(text);
      if (world.direct) world.put(text);
      else streams.putRecord('s', shard, 'k', Buffer.from(`${text}\n`));
    }
  }
}

async function history(seed: number): Promise<void> {
  const folder = await temporaryFolder();
  const clock = hastyClock();
  // The engine forgets by its clock which requests it has seen.
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const world = new World(seed, () => engine, clock);
  const open = world.streams.create('s', 1 + world.pick(3));
  await world.current.create({
    name: NAME,
    source: world.direct
      ? { type: 'DirectPut' }
      : { type: 'KinesisStreamAsSource', streamArn: STREAM_ARN, roleArn: ROLE },
    destination: world.settings('b'),
    ...(world.pick(2) === 0 && { encryption: { enabled: true } }),
    tags: {},
  });
  const expected: string[] = [];
  for (let count = 0; count < STEPS; count++) await step(world, open, expected, count);
  world.trouble = false;
  await world.kill();
  await world.putAgain();
  const endMs = performance.now() + SETTLE_MS;
  const isSettled = (): boolean => world.objects().flat().length >= expected.length;
  for (let turn = 0; !isSettled() && performance.now() < endMs; turn++) {
    if (turn % 500 === 499) world.current.get(NAME)?.pipeline?.flush();
    await pass();
  }
  // What comes late must not come twice.
  world.store.arrive();
  for (let turn = 0; turn < 200; turn++) await pass();
  const found = world.objects();
  assert.deepEqual(found.flat().sort(), expected.toSorted(), 'each record is in exactly one object');
  if (!world.direct) for (const lines of found) checkOrder(lines);
  await world.current.close();
  assert.equal(engine.catalog.table('delivery.garbage').size, 0, 'no log of processed records is left');
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}

/** Records of a shard are numbered in the order in which they were put. */
function checkOrder(lines: readonly string[]): void {
  const byShard = Map.groupBy(lines, (line) => line.slice(0, line.lastIndexOf(':')));
  for (const [shard, ofShard] of byShard) {
    const numbers = ofShard.map((line) => Number(line.slice(line.lastIndexOf(':') + 1)));
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
      `the order of ${shard}`,
    );
  }
}

test(`${rounds} histories of delivery streams in trouble: every record in exactly one object`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < rounds; round++) {
    await history(seed + round).catch((error: unknown) => {
      throw new Error(`round ${round} of SEED=${seed} (alone: SEED=${seed + round} ROUNDS=1)`, {
        cause: error,
      });
    });
  }
});
