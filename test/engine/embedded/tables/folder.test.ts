import assert from 'node:assert/strict';
import { join } from 'node:path';
import { copyFile, readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { openEmbeddedEngine, type EngineBounds } from '../../../../src/engine/embedded/open.ts';
import { backupEngine } from '../../../../src/engine/embedded/recover/backup.ts';
import { verifyEngine } from '../../../../src/engine/embedded/recover/verify.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { tinyTables } from '../store.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import { fillTables, rowsOf } from './rows.ts';

interface Row {
  readonly n: number;
}

function openFolder(folder: string, bounds: Partial<EngineBounds> = {}): Promise<Engine> {
  return openEmbeddedEngine({ folder, clock: systemClock, log: silentLog, bounds });
}

describe('tables on disk in their folder', () => {
  it('can be copied while they change, and the copy is consistent', async () => {
    const folder = await temporaryFolder();
    const engine = await openFolder(folder, { segmentBytes: 20_000, ...tinyTables });
    const table = engine.tables.open<Row>('t');
    const inMemory = engine.catalog.table<Row>('t');
    const stop = new AbortController();
    let durable = 0;
    const tenMore = async (): Promise<void> => {
      for (let last = durable, left = 10; left > 0; await new Promise((resolve) => setImmediate(resolve))) {
        if (durable > last) left--;
        last = durable;
      }
    };
    const writing = (async () => {
      for (let n = 1; !stop.signal.aborted; n++) {
        // One value in many rows and both kinds of tables: a copy that mixes moments shows two.
        await engine.commit({
          change: (to) => {
            for (let row = 0; row < 30; row++) to.put(table, `row ${(row * 11) % 30}`, { n });
            to.put(inMemory, 'row', { n });
          },
        });
        durable = n;
      }
    })();
    for (let copy = 0; copy < 4; copy++) {
      await tenMore();
      const least = durable;
      const target = join(await temporaryFolder(), 'copy');
      await backupEngine({ folder, target });
      assert.deepEqual((await verifyEngine({ folder: target })).findings, []);
      const copied = await openFolder(target);
      const n = copied.catalog.table<Row>('t').get('row')?.n ?? 0;
      assert(n >= least, `${n} of ${least}`);
      const values: number[] = [];
      for await (const [, row] of copied.tables.open<Row>('t').entries()) values.push(row.n);
      assert.deepEqual(values, n === 0 ? [] : Array.from({ length: 30 }, () => n));
      await copied.close();
    }
    stop.abort();
    await writing;
    await engine.close();
  });

  it('leave no file that does not belong to the store', async () => {
    const folder = await temporaryFolder();
    let engine = await openFolder(folder, { segmentBytes: 3000, ...tinyTables });
    await fillTables(engine, 150);
    const rows = await rowsOf(engine);
    await engine.close();
    // What a crash may leave: a file that was being written, and one that no frame names yet.
    const [some = ''] = await readdir(join(folder, 'tables'));
    const strays = ['000000009998.table.tmp', '000000009999.table'];
    for (const stray of strays) await copyFile(join(folder, 'tables', some), join(folder, 'tables', stray));
    engine = await openFolder(folder, { segmentBytes: 3000, ...tinyTables });
    assert.deepEqual(await rowsOf(engine), rows);
    // Hardly any segment stays: what is in table files is kept nowhere else.
    await until(async () => (await readdir(join(folder, 'segments'))).length < 8, {
      what: 'segments whose rows are in table files are gone',
    });
    await engine.close();
    const files = await readdir(join(folder, 'tables'));
    assert.deepEqual(
      files.filter((file) => strays.includes(file)),
      [],
    );
    assert.deepEqual((await verifyEngine({ folder })).findings, []);
    // Rows of all levels.
    assert(files.length > 3, `${files.length} table files`);
  });

  it('can be scanned completely through a smaller cache', async () => {
    const folder = await temporaryFolder();
    const engine = await openFolder(folder, { memtableBytes: 200_000, tableCacheBytes: 100_000 });
    const table = engine.tables.open<Row>('t');
    for (let from = 0; from < 50_000; from += 1000) {
      await engine.commit({
        change: (to) => {
          for (let n = from; n < from + 1000; n++) to.put(table, String((n * 7919) % 50_000), { n });
        },
      });
    }
    let count = 0;
    for await (const [key, { n }] of table.entries()) {
      if (Number(key) !== (n * 7919) % 50_000) assert.fail(`${key} has ${n}`);
      count++;
    }
    assert.equal(count, 50_000);
    await engine.close();
  });
});
