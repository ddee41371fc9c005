/**
 * Whether cost grows with what is stored: throughput while the store fills, then the time to start again, memory,
 * and reads at the oldest, a middle and the newest position.
 *
 *   node bench/engine-flat.ts [million records, 50] [record bytes, 100]
 */
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { folderBytes } from '../src/engine/embedded/node-disk.ts';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import type { Engine } from '../src/engine/engine.ts';
import { RecordPacker } from '../src/engine/packed-records.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';

const LOGS = 64;
const WRITERS = 16;
const RECORDS_PER_REQUEST = 500;
const PARTS = 10;
const total = Number(process.argv[2] ?? 50) * 1e6;
const recordBytes = Number(process.argv[3] ?? 100);

const folder = await mkdtemp(join(tmpdir(), 'nagare-flat-'));
try {
  await fill(await openFolder());
  console.log(
    `stored: ${((await folderBytes(folder)) / 1e9).toFixed(2)} GB, ${total / 1e6} M records in ${LOGS} logs`,
  );
  const begin = performance.now();
  const engine = await openFolder();
  console.log(
    `start: ${(performance.now() - begin).toFixed(0)} ms, RssAnon ${await anonymousMegabytes()} MB`,
  );
  await readEverywhere(engine);
  console.log(`after reading: RssAnon ${await anonymousMegabytes()} MB`);
  await engine.close();
} finally {
  await rm(folder, { recursive: true });
}

function openFolder(): Promise<Engine> {
  return openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
}

async function fill(engine: Engine): Promise<void> {
  const logs = await engine.createLogs(LOGS);
  let left = total;
  let next = 0;
  const rates: string[] = [];
  for (let part = 0; part < PARTS; part++) {
    const until = total - ((part + 1) * total) / PARTS;
    const begin = performance.now();
    const writer = async (): Promise<void> => {
      while (left > until) {
        left -= RECORDS_PER_REQUEST;
        const batches = Array.from({ length: 4 }, () => ({
          log: logs[next++ % LOGS] ?? 0,
          records: packed(RECORDS_PER_REQUEST / 4),
        }));
        await engine.append({ batches });
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
    const rate = total / PARTS / (performance.now() - begin);
    const ratio = (rate * recordBytes) / (await diskRate());
    rates.push(`${rate.toFixed(0)} k/s (${ratio.toFixed(2)})`);
  }
  console.log(`appended, tenth by tenth (to the disk's rate right after): ${rates.join('  ')}`);
  console.log(`after appending: RssAnon ${await anonymousMegabytes()} MB`);
  await engine.close();
}

/** Kilobytes a second of appending as much as a group commit has to a file, with a sync each: what the disk gives now. */
async function diskRate(): Promise<number> {
  const path = join(folder, 'bare');
  const file = await open(path, 'w');
  const bytes = Buffer.alloc(WRITERS * RECORDS_PER_REQUEST * recordBytes);
  const begin = performance.now();
  let written = 0;
  while (performance.now() - begin < 1000) {
    await file.write(bytes, 0, bytes.length, written);
    await file.datasync();
    written += bytes.length;
  }
  const rate = written / (performance.now() - begin);
  await file.close();
  await rm(path);
  return rate;
}

async function readEverywhere(engine: Engine): Promise<void> {
  const { nextIndex } = engine.bounds(1);
  const places = { oldest: 0, middle: Math.floor(nextIndex / 2), newest: nextIndex - 200_000 };
  for (const [name, from] of Object.entries(places)) {
    const begin = performance.now();
    let index = Math.max(0, from);
    const end = Math.min(nextIndex, index + 200_000);
    const first = await engine.read(1, index, { maxRecords: 1, maxBytes: 1 });
    const firstMs = performance.now() - begin;
    while (index < end) {
      const batches = await engine.read(1, index, { maxRecords: 10_000, maxBytes: 1 << 20 });
      for (const batch of batches) index += batch.count;
    }
    const ms = performance.now() - begin;
    const located = performance.now();
    await engine.locate(1, first[0]?.arrivalMs ?? 0);
    console.log(
      `${name}: first record ${firstMs.toFixed(1)} ms, then ${((end - Math.max(0, from)) / ms).toFixed(0)} k records/s, ` +
        `by time ${(performance.now() - located).toFixed(1)} ms`,
    );
  }
}

function packed(count: number): ReturnType<RecordPacker['finish']> {
  const packer = new RecordPacker(count * (recordBytes + 4));
  for (let n = 0; n < count; n++) packer.reserve(recordBytes);
  return packer.finish();
}

/** Linux tells it; elsewhere all of the resident memory. */
async function anonymousMegabytes(): Promise<string> {
  try {
    const status = await readFile('/proc/self/status', 'utf8');
    return (Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024).toFixed(0);
  } catch {
    return (process.memoryUsage.rss() / 1e6).toFixed(0);
  }
}
