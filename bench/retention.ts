/**
 * Retention at work: writing on and on at a set rate while only a window of bytes is kept, window after window, beside
 * a log of long retention that gets one record in fifty. Throughput of the last window against the first, what the disk
 * has of it against what is retained.
 *
 *   node bench/retention.ts [window in MB, 1000] [windows, 10] [MB a second, 100; 0: as fast as it goes]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { folderBytes } from '../src/engine/embedded/node-disk.ts';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import type { Engine, PackedRecords } from '../src/engine/engine.ts';
import { RecordPacker } from '../src/engine/packed-records.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';

const RECORD_BYTES = 1000;
const BATCH_RECORDS = 100;
const LOGS = 8;
const [windowMegabytes = 1000, windows = 10, rate = 100] = process.argv.slice(2).map(Number);
const windowBytes = windowMegabytes * 1e6;
const windowRecords = Math.floor(windowBytes / RECORD_BYTES / LOGS);

const folder = await mkdtemp(join(tmpdir(), 'nagare-retention-'));
try {
  await run(await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog }));
} finally {
  await rm(folder, { recursive: true });
}

async function run(engine: Engine): Promise<void> {
  const logs = await engine.createLogs(LOGS);
  const [long = 0] = await engine.createLogs(1);
  const rates: number[] = [];
  let [highest, longBytes] = [0, 0];
  for (let window = 0; window <= windows; window++) {
    const begin = performance.now();
    let bytes = 0;
    let next = 0;
    const writer = async (): Promise<void> => {
      while (bytes < windowBytes) {
        const log = logs[next++ % LOGS] ?? 0;
        const records = packed(BATCH_RECORDS);
        bytes += records.bytes.length;
        const few = packed(2);
        longBytes += few.bytes.length;
        await engine.append({
          batches: [
            { log, records },
            { log: long, records: few },
          ],
        });
        const { nextIndex, firstIndex } = engine.bounds(log);
        if (nextIndex - firstIndex > windowRecords * 1.02) await engine.trim(log, nextIndex - windowRecords);
        const aheadMs = rate === 0 ? 0 : bytes / (rate * 1e3) - (performance.now() - begin);
        if (aheadMs > 1) await sleep(aheadMs);
      }
    };
    const see = (onDisk: number): void => {
      if (window > 0) highest = Math.max(highest, onDisk / (windowBytes + longBytes));
    };
    const watch = setInterval(() => {
      // A file may be removed meanwhile.
      void folderBytes(folder).then(see, () => undefined);
    }, 250);
    await Promise.all(Array.from({ length: 16 }, writer));
    clearInterval(watch);
    const megabytes = bytes / 1e3 / (performance.now() - begin);
    rates.push(megabytes);
    console.log(`window ${window}${window === 0 ? ' (filling)' : ''}: ${megabytes.toFixed(0)} MB/s`);
  }
  const [, first = 1] = rates;
  const last = rates.at(-1) ?? 0;
  console.log(`last to first: ${(last / first).toFixed(2)}`);
  console.log(`on disk at most ${highest.toFixed(2)} times what is retained`);
  await engine.close();
}

function packed(count: number): PackedRecords {
  const packer = new RecordPacker(count * (RECORD_BYTES + 4));
  for (let n = 0; n < count; n++) packer.reserve(RECORD_BYTES);
  return packer.finish();
}
