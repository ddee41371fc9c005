/**
 * What rows cost: commits while the catalog has many, and the start and memory of a server whose tables have more rows
 * than fit into memory. Each beside the same without rows, in turns; medians of five.
 *
 *   node bench/tables.ts [rows of the catalog, 100000] [rows on disk, 10000000]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { folderBytes } from '../src/engine/embedded/node-disk.ts';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import type { Engine } from '../src/engine/engine.ts';
import { RecordPacker } from '../src/engine/packed-records.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { median } from './support/load.ts';
import { rssAnonMb, startMs } from './support/start.ts';

const ROUNDS = 5;
const APPENDS = 60;
const LOGS = 10_000;
const ROWS_PER_COMMIT = 1000;
/** With the key and what is around it a row of 100 B. */
const TEXT_BYTES = 64;
const READS = 100_000;

const self = fileURLToPath(import.meta.url);
if (process.argv[2] === '--reader') await reader(process.argv[3] ?? '', Number(process.argv[4]));
else if (process.argv[2] === '--appender') await appender(process.argv[3] ?? '');
else await bench(Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 10_000_000));

async function bench(catalogRows: number, diskRows: number): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'nagare-tables-'));
  try {
    if (catalogRows > 0) await benchCatalog(root, catalogRows);
    if (diskRows > 0) await benchDisk(root, diskRows);
  } finally {
    await rm(root, { recursive: true });
  }
}

function open(folder: string, segmentBytes?: number): Promise<Engine> {
  const bounds = segmentBytes === undefined ? {} : { segmentBytes };
  return openEmbeddedEngine({ folder, clock: systemClock, log: silentLog, bounds });
}

async function benchCatalog(root: string, rows: number): Promise<void> {
  const kinds = { none: `no rows`, rows: `${rows} rows of 1 KB`, logs: `${LOGS} logs` };
  const folders = { none: join(root, 'none'), rows: join(root, 'rows'), logs: join(root, 'logs') };
  await fillCatalog(folders.rows, rows);
  await fillLogs(folders.logs);
  const figures: Record<string, AppendFigures[]> = { none: [], rows: [], logs: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [kind, folder] of Object.entries(folders)) {
      const { stdout } = await promisify(execFile)(process.execPath, [self, '--appender', folder]);
      // Printed by `appender`.
      figures[kind]?.push(JSON.parse(stdout) as AppendFigures);
    }
  }
  for (const [kind, name] of Object.entries(kinds)) {
    const each = figures[kind] ?? [];
    const ratios = each.map(({ worstMs, medianMs }) => worstMs / medianMs);
    console.log(
      `${name.padEnd(24)} worst append ${median(each.map(({ worstMs }) => worstMs)).toFixed(1)} ms, worst/median ` +
        `${median(ratios).toFixed(1)} (${ratios.map((ratio) => ratio.toFixed(1)).join(' ')}), of the worst ` +
        `${median(each.map(({ worstCpuMs }) => worstCpuMs)).toFixed(1)} ms of the main thread`,
    );
  }
}

async function fillCatalog(folder: string, rows: number): Promise<void> {
  const engine = await open(folder);
  const table = engine.catalog.table<{ n: number; text: string }>('rows');
  for (let n = 0; n < rows; n += ROWS_PER_COMMIT) {
    await engine.catalog.commit((to) => {
      for (let row = n; row < Math.min(rows, n + ROWS_PER_COMMIT); row++)
        to.put(table, `row ${row}`, { n: row, text: 'x'.repeat(1000) });
    });
  }
  await settled(folder);
  await engine.close();
}

/** Until the table files are merged: the next start would begin the merge again, and the appends would be beside it. */
async function settled(folder: string): Promise<void> {
  const files = async (): Promise<string> => (await readdir(join(folder, 'tables'))).join();
  for (let last = '', unchanged = 0; unchanged < 10; await setTimeout(100)) {
    const now = await files();
    unchanged = now === last ? unchanged + 1 : 0;
    last = now;
  }
}

async function fillLogs(folder: string): Promise<void> {
  const engine = await open(folder);
  const logs = await engine.createLogs(LOGS);
  await engine.append({ batches: logs.map((log) => ({ log, records: packed(10) })) });
  await engine.close();
}

interface AppendFigures {
  readonly medianMs: number;
  readonly worstMs: number;
  /** The most that one append took of the main thread, which other processes disturb less. */
  readonly worstCpuMs: number;
}

/**
 * In a process of its own: appends of 1 MiB, one after another, with a new segment for every eight. As many before
 * that are not counted, while the garbage of the start is collected.
 */
async function appender(folder: string): Promise<void> {
  const engine = await open(folder, 8 << 20);
  const [log = 0] = await engine.createLogs(1);
  const records = packed(1 << 20);
  const times: number[] = [];
  const cpuMs: number[] = [];
  for (let n = -APPENDS; n < APPENDS; n++) {
    const begun = performance.now();
    const cpuBegun = process.threadCpuUsage();
    await engine.append({ batches: [{ log, records }] });
    const { user, system } = process.threadCpuUsage(cpuBegun);
    if (n < 0) continue;
    times.push(performance.now() - begun);
    cpuMs.push((user + system) / 1000);
  }
  await engine.drop(log);
  await engine.close();
  const figures: AppendFigures = {
    medianMs: median(times),
    worstMs: Math.max(...times),
    worstCpuMs: Math.max(...cpuMs),
  };
  console.log(JSON.stringify(figures));
}

function packed(bytes: number): { count: number; bytes: Uint8Array } {
  const packer = new RecordPacker(bytes + 4);
  packer.add(Buffer.alloc(bytes, 'x'));
  return packer.finish();
}

async function benchDisk(root: string, rows: number): Promise<void> {
  const [empty, full] = [join(root, 'empty'), join(root, 'full')];
  for (const folder of [empty, full]) await startMs(folder);
  await fillDisk(join(full, 'engine'), rows);
  const starts: { empty: number; full: number }[] = [];
  const memory: { empty: number; full: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [ofEmpty, ofFull] = [await startMs(empty), await startMs(full)];
    starts.push({ empty: ofEmpty.ms, full: ofFull.ms });
    memory.push({ empty: ofEmpty.rssAnonMb, full: ofFull.rssAnonMb });
  }
  const ratios = starts.map((start) => start.full / start.empty);
  console.log(
    `start with ${rows} rows on disk: ${median(starts.map((start) => start.full)).toFixed(0)} ms, empty ` +
      `${median(starts.map((start) => start.empty)).toFixed(0)} ms, ratio ${median(ratios).toFixed(2)} ` +
      `(${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`,
  );
  console.log(
    `RssAnon after the start: ${median(memory.map((one) => one.full)).toFixed(0)} MB, empty ` +
      `${median(memory.map((one) => one.empty)).toFixed(0)} MB`,
  );
  for (const folder of [empty, full]) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      self,
      '--reader',
      join(folder, 'engine'),
      String(folder === full ? rows : 0),
    ]);
    process.stdout.write(`${folder === full ? 'full' : 'empty'}: ${stdout}`);
  }
}

async function fillDisk(folder: string, rows: number): Promise<void> {
  const engine = await open(folder);
  const table = engine.tables.open<{ text: string }>('rows');
  const begun = performance.now();
  let most = 0;
  for (let from = 0; from < rows; from += ROWS_PER_COMMIT) {
    await engine.commit({
      change: (to) => {
        for (let n = from; n < from + ROWS_PER_COMMIT; n++)
          to.put(table, keyOf(n, rows), { text: String(n).padEnd(TEXT_BYTES, 'x') });
      },
    });
    if (from % (100 * ROWS_PER_COMMIT) === 0) most = Math.max(most, await rssAnonMb(process.pid));
  }
  const seconds = (performance.now() - begun) / 1000;
  await engine.close();
  const bytes = await folderBytes(join(folder, 'tables'));
  console.log(
    `${rows} rows put in random order: ${(rows / seconds / 1000).toFixed(0)} k rows/s, ` +
      `${(bytes / 1e6).toFixed(0)} MB of table files, RssAnon at most ${most.toFixed(0)} MB`,
  );
}

/** Each number once, in no order. */
function keyOf(n: number, rows: number): string {
  return String((n * 7_368_787) % rows).padStart(12, '0');
}

/**
 * In a process of its own: how long the engine takes to open, then random reads, then a scan, and its memory. An empty
 * store gets ten times the reads: V8's young generation grows to its bound in any process that works for a while, and
 * reads that find nothing fill it slowly.
 */
async function reader(folder: string, rows: number): Promise<void> {
  const begun = performance.now();
  const engine = await open(folder);
  const openMs = performance.now() - begun;
  const table = engine.tables.open<{ text: string }>('rows');
  const before = await rssAnonMb(process.pid);
  const readsBegun = performance.now();
  for (let read = 0; read < (rows > 0 ? READS : 10 * READS); read++) {
    const n = Math.floor(Math.random() * rows);
    const row = await table.get(keyOf(n, rows));
    if (rows > 0 && (row === undefined || Number.parseInt(row.text, 10) !== n))
      throw new Error(`row ${n} is not there`);
  }
  const readMs = performance.now() - readsBegun;
  const afterReads = await rssAnonMb(process.pid);
  const scanBegun = performance.now();
  let scanned = 0;
  for await (const _ of table.entries({ limit: 1_000_000 })) scanned++;
  const scanMs = performance.now() - scanBegun;
  const after = await rssAnonMb(process.pid);
  await engine.close();
  const reads = rows > 0 ? `${((READS / readMs) * 1000).toFixed(0)} random reads/s, ` : '';
  const scan = rows > 0 ? `${(scanned / scanMs).toFixed(0)} k rows/s scanned, ` : '';
  console.log(
    `engine opened in ${openMs.toFixed(0)} ms, ${reads}${scan}RssAnon ${before.toFixed(0)} MB, ` +
      `${afterReads.toFixed(0)} MB after the reads, ${after.toFixed(0)} MB after the scan`,
  );
}
