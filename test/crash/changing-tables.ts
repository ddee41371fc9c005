/** A process for tables-kills.suite.ts to kill: changes rows without end, and prints the number of each commit. */
import { openEmbeddedEngine, type EngineBounds } from '../../src/engine/embedded/open.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

export const KEYS = 200;

/** So small that files are written, merged and removed all the time. */
export const BOUNDS: Partial<EngineBounds> = {
  segmentBytes: 30_000,
  memtableBytes: 4000,
  checkpointRowsBytesMax: 1000,
  tableBlockBytes: 300,
  tableSectionBytes: 1000,
  tableSyncBytes: 4000,
  tableFileBytes: 8000,
  tableLevelBytes: 16_000,
  tableLevelZeroFiles: 3,
  tableCacheBytes: 10_000,
};

export function diskKey(n: number): string {
  return `row ${(n * 7) % KEYS}`;
}

export function catalogKey(n: number): string {
  return `row ${n % 10}`;
}

if (process.argv[1] === import.meta.filename) {
  const [folder = '', last = '0'] = process.argv.slice(2);
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog, bounds: BOUNDS });
  const table = engine.tables.open<{ n: number; text: string }>('rows');
  const inMemory = engine.catalog.table<{ n: number }>('rows');
  for (let n = Number(last) + 1; ; n++) {
    await engine.commit({
      change: (to) => {
        to.put(table, diskKey(n), { n, text: 'x'.repeat(n % 90) });
        to.delete(table, diskKey(n + KEYS / 2));
        to.put(inMemory, catalogKey(n), { n });
      },
    });
    process.stdout.write(`${n}\n`);
  }
}
