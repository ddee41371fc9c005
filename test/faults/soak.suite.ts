/**
 * A server under a mixed load for a while: puts and reads of records and objects, code, metrics, topics. Its memory,
 * file handles and threads do not grow.
 *
 * Memory is judged in two ways. What is in use, counted by the process itself after a garbage collection, may not
 * grow: the caches are filled first, so that nothing else than a leak makes it grow. What the system counts (RssAnon)
 * is more: garbage that V8 has not collected, pages that V8 and malloc keep for later. How much depends on the speed
 * of the machine and on luck, and it takes minutes to level off. So it has an upper bound, and only a run of ten
 * minutes or more judges its growth; memory that native code loses shows there.
 *
 * SOAK_SECONDS makes it longer (npm run test:long -- soak: twenty minutes).
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runSeed, seededRandom } from '../support/random.ts';
import { spawnServer, type ServerProcess } from '../support/server.ts';
import { checkStore } from './load/check-store.ts';
import { Clients } from './load/clients.ts';
import { fillTailCache } from './load/fill-tail-cache.ts';
import { Known } from './load/known.ts';
import { MixedLoad } from './load/mixed-load.ts';
import { reportsMemory, usedBytesOf } from './load/used-bytes.ts';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 75);
const SAMPLES = 30;
const LONG_SECONDS = 600;
/** By which the last fifth may be above the third: compiled code, and what is under way. */
const USED_GROWTH_BYTES_MAX = 4 * 1024 * 1024;
/** And for each acknowledged change: ids of calls are kept for ten minutes, places of records for good. */
const USED_BYTES_PER_CHANGE_MAX = 256;
/** Of what the system counts, in a long run. */
const ANONYMOUS_GROWTH_BYTES_MAX = 48 * 1024 * 1024;
const ANONYMOUS_BYTES_MAX = 512 * 1024 * 1024;
/** Connections of the clients come and go. */
const HANDLES_GROWTH_MAX = 16;
/** So do the threads that unpack code. */
const THREADS_GROWTH_MAX = 2;

interface Sample {
  readonly acknowledged: number;
  readonly usedBytes: number;
  readonly anonymousBytes: number;
  readonly handles: number;
  readonly threads: number;
}

test(`${seconds} seconds of mixed load: memory, handles and threads stay flat`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  await using server = await spawnServer(reportsMemory);
  using clients = new Clients(server.endpoint);
  await fillTailCache(clients.kinesis);
  const known = new Known(() => 0);
  const load = new MixedLoad(known, seededRandom(seed), { topicsMax: 50 });
  await load.prepare(clients);
  const end = new AbortController();
  const running = load.run(clients, end.signal);
  const samples: Sample[] = [];
  for (let taken = 0; taken < SAMPLES; taken++) {
    await sleep((seconds * 1000) / SAMPLES);
    samples.push(await sampleOf(server, known));
  }
  end.abort();
  await running;
  const megabytes = (of: (sample: Sample) => number): string =>
    samples.map((sample) => Math.round(of(sample) / 1e6)).join(' ');
  t.diagnostic(`${known.acknowledged} acknowledged`);
  t.diagnostic(`in use, in MB: ${megabytes(({ usedBytes }) => usedBytes)}`);
  t.diagnostic(`RssAnon, in MB: ${megabytes(({ anonymousBytes }) => anonymousBytes)}`);
  const grown = growthOf(samples);
  t.diagnostic(`growth: ${JSON.stringify(grown)}`);
  assert.deepEqual([...load.errors], []);
  assert.deepEqual(await checkStore(clients, known, 0), []);
  assert.equal(server.errorOutput, '');
  const { acknowledged, usedBytes, anonymousBytes, handles, threads } = grown;
  const usedMax = USED_GROWTH_BYTES_MAX + acknowledged * USED_BYTES_PER_CHANGE_MAX;
  assert(usedBytes <= usedMax, `${usedBytes} more bytes are in use after ${acknowledged} changes`);
  if (seconds >= LONG_SECONDS) {
    assert(anonymousBytes <= ANONYMOUS_GROWTH_BYTES_MAX, `memory grew by ${anonymousBytes} bytes`);
  }
  const most = Math.max(...samples.map((sample) => sample.anonymousBytes));
  assert(most <= ANONYMOUS_BYTES_MAX, `the server took ${most} bytes of memory`);
  assert(handles <= HANDLES_GROWTH_MAX, `${handles} more file handles are open`);
  assert(threads <= THREADS_GROWTH_MAX, `${threads} more threads run`);
});

async function sampleOf(server: ServerProcess, { acknowledged }: Known): Promise<Sample> {
  const usedBytes = await usedBytesOf(server);
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const handles = (await readdir(`/proc/${server.pid}/fd`)).length;
  return {
    acknowledged,
    usedBytes,
    anonymousBytes: field('RssAnon') * 1024,
    handles,
    threads: field('Threads'),
  };
}

/** From the third fifth of a run to the last one. */
function growthOf(samples: readonly Sample[]): Sample {
  const fifth = SAMPLES / 5;
  const early = samples.slice(2 * fifth, 3 * fifth);
  const late = samples.slice(-fifth);
  const growth = (of: (sample: Sample) => number): number => median(late.map(of)) - median(early.map(of));
  return {
    acknowledged: growth((sample) => sample.acknowledged),
    // The least: what requests have under way comes on top.
    usedBytes:
      Math.min(...late.map((sample) => sample.usedBytes)) -
      Math.min(...early.map((sample) => sample.usedBytes)),
    anonymousBytes: growth(({ anonymousBytes }) => anonymousBytes),
    handles: growth(({ handles }) => handles),
    threads: growth(({ threads }) => threads),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
