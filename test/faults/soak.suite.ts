/**
 * A server under a mixed load for a while: puts and reads of records and objects, code, metrics, topics. Its anonymous
 * memory, file handles and threads do not grow.
 *
 * SOAK_SECONDS makes it longer (npm run test:long -- soak: twenty minutes).
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runSeed, seededRandom } from '../support/random.ts';
import { spawnServer } from '../support/server.ts';
import { checkStore } from './load/check-store.ts';
import { Clients } from './load/clients.ts';
import { Known } from './load/known.ts';
import { MixedLoad } from './load/mixed-load.ts';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 75);
const SAMPLES = 30;
/**
 * By which the last fifth may be above the third: room for the collector's turns, and for what is kept per record. Before
 * that, caches and tables in memory fill, and the ids of calls are kept for ten minutes.
 */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024;
/** Connections of the clients come and go. */
const HANDLES_GROWTH_MAX = 16;

interface Sample {
  readonly anonymousBytes: number;
  readonly handles: number;
  readonly threads: number;
}

test(`${seconds} seconds of mixed load: memory, handles and threads stay flat`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  await using server = await spawnServer({ args: ['--log-level', 'warn'] });
  using clients = new Clients(server.endpoint);
  const known = new Known(() => 0);
  const load = new MixedLoad(known, seededRandom(seed), { topicsMax: 50 });
  await load.prepare(clients);
  const end = AbortSignal.timeout(seconds * 1000);
  const running = load.run(clients, end);
  const samples: Sample[] = [];
  for (let taken = 0; taken < SAMPLES; taken++) {
    await sleep((seconds * 1000) / SAMPLES);
    samples.push(await sampleOf(server.pid));
  }
  await running;
  const fifth = SAMPLES / 5;
  const early = samples.slice(2 * fifth, 3 * fifth);
  const late = samples.slice(-fifth);
  const growth = (of: (sample: Sample) => number): number => median(late.map(of)) - median(early.map(of));
  const grown = {
    anonymousBytes: growth(({ anonymousBytes }) => anonymousBytes),
    handles: growth(({ handles }) => handles),
    threads: growth(({ threads }) => threads),
  };
  const megabytes = samples.map(({ anonymousBytes }) => Math.round(anonymousBytes / 1e6)).join(' ');
  t.diagnostic(`${known.acknowledged} acknowledged; RssAnon in MB: ${megabytes}`);
  t.diagnostic(`growth: ${JSON.stringify(grown)}`);
  assert.deepEqual([...load.errors], []);
  assert.deepEqual(await checkStore(clients, known, 0), []);
  assert.equal(server.errorOutput, '');
  assert(grown.anonymousBytes <= GROWTH_BYTES_MAX, `memory grew by ${grown.anonymousBytes} bytes`);
  assert(grown.handles <= HANDLES_GROWTH_MAX, `${grown.handles} more file handles are open`);
  assert(grown.threads <= 0, `${grown.threads} more threads run`);
});

async function sampleOf(pid: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const handles = (await readdir(`/proc/${pid}/fd`)).length;
  return { anonymousBytes: field('RssAnon') * 1024, handles, threads: field('Threads') };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
