import assert from 'node:assert/strict';

import { openEmbeddedEngine, type EngineBounds } from '../../../src/engine/embedded/open.ts';
import type { Disk } from '../../../src/engine/embedded/disk.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { ALL, pack, textsOf } from '../contract.ts';
import { FaultyDisk } from '../simulation/faulty-disk.ts';
import { Random } from '../simulation/random.ts';

export const clock = new ManualClock(1_700_000_000_000);

/** Table files of a few rows, so that a hundred changes see them written, merged and moved from level to level. */
export const tinyTables = {
  memtableBytes: 600,
  checkpointRowsBytesMax: 200,
  tableBlockBytes: 100,
  tableSectionBytes: 300,
  tableSyncBytes: 1000,
  tableFileBytes: 1200,
  tableLevelBytes: 2500,
  tableLevelZeroFiles: 3,
  tableCacheBytes: 500,
} satisfies Partial<EngineBounds>;

/** Of tiny segments. */
export function openStore(disk: Disk, bounds: Partial<EngineBounds> = {}): Promise<Engine> {
  return openEmbeddedEngine({
    folder: '',
    clock,
    log: silentLog,
    disk,
    bounds: { segmentBytes: 2000, reserveBytes: 2000, ...bounds },
  });
}

export function emptyDisk(): FaultyDisk {
  return new FaultyDisk(new Random(1));
}

export function diskOf(files: ReadonlyMap<string, Buffer>): FaultyDisk {
  return FaultyDisk.of(files, new Random(1));
}

export const LOGS = [1, 2, 3];

/** A few segments of three logs, with rows of a table, a trim and a seal between them. */
export async function fillStore(disk: Disk): Promise<void> {
  const engine = await openStore(disk);
  assert.deepEqual(await engine.createLogs(3), LOGS);
  const table = engine.catalog.table<{ n: number }>('t');
  for (let n = 0; n < 60; n++) {
    await engine.append({
      batches: LOGS.filter((log) => (n + log) % 2 === 0).map((log) => ({
        log,
        records: pack(`${log}:${n}`, 'x'.repeat(n)),
      })),
      idempotencyKey: { id: Buffer.from(`id ${n}`), digest: Buffer.from('digest') },
    });
    if (n % 10 === 0) await engine.catalog.commit((to) => to.put(table, `row ${n}`, { n }));
    if (n === 40) await engine.trim(2, 7);
  }
  await engine.seal(3);
  await engine.close();
}

/** All that can be read. */
export async function contentOf(
  engine: Engine,
): Promise<{ logs: string[][]; rows: unknown[]; sealed: boolean[] }> {
  const logs: string[][] = [];
  for (const log of LOGS) logs.push(await textsIn(engine, log));
  const rows = [...engine.catalog.table('t').entries()];
  return { logs, rows, sealed: LOGS.map((log) => engine.bounds(log).sealed) };
}

/** All records of a log. A read ends before damaged records; the one that begins there throws. */
async function textsIn(engine: Engine, log: number): Promise<string[]> {
  const texts: string[] = [];
  for (let index = 0; index < engine.bounds(log).nextIndex;) {
    const batches = await engine.read(log, index, ALL);
    const last = batches.at(-1);
    // Lost in a repair: nothing is left up to the tail.
    if (last === undefined) break;
    texts.push(...textsOf(batches));
    index = last.firstIndex + last.count;
  }
  return texts;
}
