/**
 * The engine alone: appends by group commit, against the least that durability costs, which is appending the same
 * bytes to a file with one fdatasync for all that waits. Both in the same run, in turns; the median of the ratios.
 *
 *   node bench/engine.ts [seconds per round]
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import type { Engine, PackedRecords } from '../src/engine/engine.ts';
import { RecordPacker } from '../src/engine/packed-records.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { bareAppend } from './support/bare-append.ts';
import { median } from './support/load.ts';

const ROUNDS = 5;
const SHARDS = 4;
const seconds = Number(process.argv[2] ?? 2);

interface Load {
  readonly name: string;
  readonly writers: number;
  readonly recordsPerRequest: number;
  readonly recordBytes: number;
}

const loads: readonly Load[] = [
  { name: '16 writers, 500 x 100 B', writers: 16, recordsPerRequest: 500, recordBytes: 100 },
  { name: '16 writers, 500 x 1 KiB', writers: 16, recordsPerRequest: 500, recordBytes: 1024 },
  { name: '64 writers, 1 x 100 B', writers: 64, recordsPerRequest: 1, recordBytes: 100 },
];

/** Appends a request and resolves when it is durable. */
type Append = (parts: readonly PackedRecords[]) => Promise<unknown>;

for (const load of loads) {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  try {
    await compare(load, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compare(load: Load, folder: string): Promise<void> {
  const engine = await openEmbeddedEngine({
    folder: join(folder, 'engine'),
    clock: systemClock,
    log: silentLog,
  });
  const file = await open(join(folder, 'bare'), 'w');
  const logs = await engine.createLogs(SHARDS);
  const appendBytes = bareAppend(file);
  const append: Append = (parts) => appendBytes(parts.map(({ bytes }) => bytes));
  const ratios: number[] = [];
  const rates: { bare: number; engine: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bareRate = await measure(load, append);
    const engineRate = await measure(load, (parts) => appendTo(engine, logs, parts));
    ratios.push(engineRate / bareRate);
    rates.push({ bare: bareRate, engine: engineRate });
  }
  await engine.close();
  await file.close();
  const bareRate = median(rates.map((rate) => rate.bare));
  const engineRate = median(rates.map((rate) => rate.engine));
  console.log(
    `${load.name.padEnd(26)} engine ${thousands(engineRate)} records/s  bare ${thousands(bareRate)} records/s  ` +
      `ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`,
  );
}

function appendTo(
  engine: Engine,
  logs: readonly number[],
  parts: readonly PackedRecords[],
): Promise<unknown> {
  const start = Math.floor(Math.random() * SHARDS);
  const batches = parts.map((records, part) => ({ log: logs[(start + part) % SHARDS] ?? 0, records }));
  return engine.append({ batches });
}

/** Records a second. */
async function measure(load: Load, append: Append): Promise<number> {
  const parts = Math.min(SHARDS, load.recordsPerRequest);
  const end = performance.now() + seconds * 1000;
  let records = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      await append(
        Array.from({ length: parts }, () => packed(load.recordsPerRequest / parts, load.recordBytes)),
      );
      records += load.recordsPerRequest;
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: load.writers }, writer));
  return records / ((performance.now() - begin) / 1000);
}

function packed(count: number, bytes: number): PackedRecords {
  const packer = new RecordPacker(count * (bytes + 4));
  for (let n = 0; n < count; n++) packer.reserve(bytes);
  return packer.finish();
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(1).padStart(7)} k`;
}
