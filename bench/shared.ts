/**
 * The engine over a shared log on Kafka against the embedded engine, in turns, and the parts of which that is made. Three
 * brokers on this machine share its cores with what is measured: ratios are lower bounds, because on separate machines
 * the brokers' copies cost the owner nothing.
 *
 *   node bench/shared.ts [seconds per round] [engine] [codec] [standby]
 *
 * Needs Java and Maven.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import type { Engine } from '../src/engine/engine.ts';
import { RecordPacker } from '../src/engine/packed-records.ts';
import { openSharedEngine } from '../src/engine/shared/open.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { RealCluster } from '../test/engine/kafka/real-cluster.ts';
import { median, quantile } from './support/load.ts';
import { CountedLog } from './support/counted-log.ts';
import { bareProducer, checksums, measure, openLog, owner, puts, replay } from './support/shared-codec.ts';
import { standbys } from './support/shared-standby.ts';

const ROUNDS = 5;
const SHARDS = 4;
/** What the frame of a put has beside the record. */
const ENTRIES_BYTES = 64;
const [given = '1', ...parts] = process.argv.slice(2);
const seconds = Number(given);

interface Load {
  readonly writers: number;
  readonly records: number;
  readonly bytes: number;
}

const loads: readonly Load[] = [
  { writers: 64, records: 1, bytes: 100 },
  { writers: 16, records: 500, bytes: 100 },
  { writers: 16, records: 500, bytes: 1024 },
  { writers: 1, records: 1, bytes: 100 },
];

const cluster = await RealCluster.start({ brokers: 3 });
try {
  if (parts.length === 0 || parts.includes('engine')) {
    for (const load of loads) await compare(load);
    await idlePut();
  }
  if (parts.length === 0 || parts.includes('codec')) {
    checksums();
    await puts(cluster, seconds);
    await replay(cluster);
  }
  if (parts.length === 0 || parts.includes('standby')) await standbys(cluster);
} finally {
  await cluster.close();
}

interface Round {
  readonly records: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  /** Of this process, for each record. */
  readonly processorUs: number;
}

interface Rounds {
  readonly plain: Round;
  readonly shared: Round;
  /** The same frames by the bare codec, one after the other as the engine sends them: records per second. */
  readonly barePerSecond: number;
  /** The embedded engine with as many puts in a second as the other one: a machine that mostly waits is slower. */
  readonly paced: Round | undefined;
}

async function compare(load: Load): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const common = { clock: systemClock, log: silentLog };
  const plain = await openEmbeddedEngine({ ...common, folder: join(folder, 'plain') });
  const topic = `engine-${load.writers}-${load.records}-${load.bytes}`;
  const log = new CountedLog(await openLog(cluster, topic));
  const shared = await openSharedEngine({
    ...common,
    folder: join(folder, 'copy'),
    shared: { log, self: owner, random: Math.random },
  });
  while (shared.member.status().role !== 'owner') await new Promise((resolve) => setTimeout(resolve, 20));
  const [plainLogs, sharedLogs] = [await plain.createLogs(SHARDS), await shared.engine.createLogs(SHARDS)];
  const bare = await bareProducer(cluster, `${topic}-bare`);
  const rounds: Rounds[] = [];
  const frames: { readonly bytes: number; readonly records: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ofPlain = await run(plain, plainLogs, load);
    log.forget();
    const ofShared = await run(shared.engine, sharedLogs, load);
    const frame = { bytes: log.bytes / log.frames, records: ofShared.records / log.frames };
    const payload = [Buffer.alloc(frame.bytes)];
    const appended = await measure(seconds, () => bare(payload));
    frames.push(frame);
    rounds.push({
      plain: ofPlain,
      shared: ofShared,
      barePerSecond: appended.perSecond * frame.records,
      paced: load.writers === 1 ? await run(plain, plainLogs, load, 1000 / ofShared.perSecond) : undefined,
    });
  }
  await plain.close();
  await shared.close();
  await rm(folder, { recursive: true });
  report(load, rounds, frames);
}

function report(
  load: Load,
  rounds: readonly Rounds[],
  frames: readonly { readonly bytes: number; readonly records: number }[],
): void {
  const ratio = (of: (round: Round) => number): string =>
    median(rounds.map((round) => of(round.shared) / of(round.plain))).toFixed(2);
  const middle = (of: (round: Rounds) => number): string => median(rounds.map(of)).toFixed(1);
  const paced = rounds.flatMap(({ paced, shared }) =>
    paced ? [shared.processorUs / paced.processorUs] : [],
  );
  console.log(
    `${load.writers} writers, ${load.records} x ${load.bytes} B: rate ${ratio((round) => round.perSecond)}, ` +
      `p50 ${ratio((round) => round.p50Ms)}, processor ${ratio((round) => round.processorUs)}` +
      `${paced.length > 0 ? ` (${median(paced).toFixed(2)} at the same rate)` : ''} of the embedded engine; rate ` +
      `${median(rounds.map(({ shared, barePerSecond }) => shared.perSecond / barePerSecond)).toFixed(2)} of bare appends of ` +
      `the same frames (${(median(frames.map(({ bytes }) => bytes)) / 1024).toFixed(1)} KiB, ` +
      `${median(frames.map(({ records }) => records)).toFixed(0)} records) ` +
      `(${middle(({ shared }) => shared.perSecond)} records/s, ${middle(({ shared }) => shared.processorUs)} us each, ` +
      `p50 ${middle(({ shared }) => shared.p50Ms)} ms)`,
  );
}

/** One put after another against the round trip of the same bytes by the same codec. */
async function idlePut(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const log = await openLog(cluster, 'idle-put');
  const shared = await openSharedEngine({
    clock: systemClock,
    log: silentLog,
    folder,
    shared: { log, self: owner, random: Math.random },
  });
  while (shared.member.status().role !== 'owner') await new Promise((resolve) => setTimeout(resolve, 20));
  const logs = await shared.engine.createLogs(SHARDS);
  const bare = await bareProducer(cluster, 'idle-bare');
  const load = { writers: 1, records: 1, bytes: 100 };
  const payload = [Buffer.alloc(ENTRIES_BYTES + load.bytes)];
  const rounds: { readonly trip: number; readonly put: Round }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const trip = await measure(seconds, () => bare(payload));
    rounds.push({ trip: trip.p50Ms, put: await run(shared.engine, logs, load) });
  }
  await shared.close();
  await rm(folder, { recursive: true });
  console.log(
    `an idle put: p50 ${median(rounds.map(({ put, trip }) => put.p50Ms / trip)).toFixed(2)} of the round trip of the same ` +
      `bytes (${median(rounds.map(({ trip }) => trip)).toFixed(1)} ms)`,
  );
}

/** With `everyMs`, each writer begins a request that often. */
async function run(
  engine: Engine,
  logs: readonly number[],
  { writers, records, bytes }: Load,
  everyMs = 0,
): Promise<Round> {
  const parts = Math.min(SHARDS, records);
  const end = performance.now() + seconds * 1000;
  const times: number[] = [];
  const writer = async (): Promise<void> => {
    for (let due = performance.now(); performance.now() < end; due += everyMs) {
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const first = Math.floor(Math.random() * SHARDS);
      const batches = Array.from({ length: parts }, (_, part) => {
        const packer = new RecordPacker((records / parts) * (bytes + 4));
        for (let record = 0; record < records / parts; record++) packer.reserve(bytes);
        return { log: logs[(first + part) % SHARDS] ?? 0, records: packer.finish() };
      });
      const from = performance.now();
      await engine.append({ batches });
      times.push(performance.now() - from);
    }
  };
  const begun = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: writers }, writer));
  const { user, system } = process.cpuUsage(before);
  return {
    records: times.length * records,
    perSecond: (times.length * records) / ((performance.now() - begun) / 1000),
    p50Ms: quantile(
      times.toSorted((a, b) => a - b),
      0.5,
    ),
    processorUs: (user + system) / (times.length * records),
  };
}
