import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EngineBusyError, EngineFullError } from '../../../../src/engine/engine.ts';
import { ALL, pack, textsOf } from '../../contract.ts';
import { clock, emptyDisk, openStore, tinyTables } from '../store.ts';

interface Row {
  readonly text: string;
}

const BOUNDS = { ...tinyTables, segmentBytes: 1e6, unflushedRowsBytesMax: 2000 };

// A commit of records and rows that waited for room was overtaken by an append that was called after it.
test('row changes wait for free memory, in order, and records committed with them keep their order', async () => {
  const engine = await openStore(emptyDisk(), BOUNDS);
  const table = engine.tables.open<Row>('t');
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < 200; n++) {
    const batches = [{ log: 1, records: pack(`${n}`) }];
    const change = n % 3 === 0;
    all.push(
      change
        ? engine.commit({
            batches,
            change: (to) => to.put(table, `row ${n % 7}`, { text: `${n}`.padEnd(300, '.') }),
          })
        : engine.append({ batches }),
    );
    // Some are called while others wait.
    if (n % 20 === 19) await new Promise((resolve) => setImmediate(resolve));
  }
  const tail = engine.seal(1);
  await Promise.all(all);
  assert.equal(await tail, 200);
  assert.deepEqual(
    textsOf(await engine.read(1, 0, ALL)),
    Array.from({ length: 200 }, (_, n) => `${n}`),
  );
  for (let n = 198; n > 198 - 21; n -= 3) {
    assert.equal(Number.parseInt((await table.get(`row ${n % 7}`))?.text ?? '', 10), n);
  }
  await engine.close();
});

test('row changes are refused when the disk accepts no table file, and accepted again when it does', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk, { ...BOUNDS, reserveBytes: 100_000 });
  const table = engine.tables.open<Row>('t');
  const put = (n: number): Promise<unknown> =>
    engine.commit({ change: (to) => to.put(table, `row ${n}`, { text: 'x'.repeat(200) }) });
  await put(0);
  disk.full = true;
  const refused: unknown[] = [];
  for (let n = 1; n < 400 && refused.length === 0; n++) {
    await put(n).catch((error: unknown) => void refused.push(error));
  }
  assert.equal(refused.length, 1);
  for (const error of refused) assert(error instanceof EngineBusyError || error instanceof EngineFullError);
  await engine.append({ batches: [{ log: 1, records: pack('x') }] }).catch(() => undefined);
  disk.full = false;
  clock.advance(2000);
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  await put(1000);
  assert.equal((await table.get('row 1000'))?.text.length, 200);
  await engine.close();
});
