import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EngineFullError, type Engine } from '../../../src/engine/engine.ts';
import { ALL, pack, textsOf } from '../contract.ts';
import { clock, emptyDisk, openStore } from './store.ts';

const BOUNDS = { reserveBytes: 4000, idempotencyKeyLifetimeMs: 0 };

function append(engine: Engine, log: number, text: string): Promise<unknown> {
  return engine.append({ batches: [{ log, records: pack(text) }] });
}

/** Everything that the engine does by itself after a change. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('on a full disk no record is stored, but rows and trims are, and freed space accepts records again', async () => {
  const disk = emptyDisk();
  let engine = await openStore(disk, BOUNDS);
  for (let n = 0; n < 20; n++) await append(engine, 1, `${n}`.padEnd(500, '.'));
  disk.full = true;
  await assert.rejects(append(engine, 1, 'x'.repeat(300)), EngineFullError);
  const table = engine.catalog.table<{ n: number }>('t');
  await engine.catalog.commit((to) => to.put(table, 'row', { n: 1 }));
  assert.equal(table.get('row')?.n, 1);
  await assert.rejects(append(engine, 1, 'x'), EngineFullError, 'the reserve is not for records');
  assert.equal(textsOf(await engine.read(1, 0, ALL)).length, 20, 'reads go on');

  await engine.close();
  engine = await openStore(disk, BOUNDS);
  await engine.trim(1, 15);
  await settle();
  clock.advance(1000);
  await append(engine, 1, 'after');
  assert.equal(textsOf(await engine.read(1, 0, ALL)).length, 6);
  await engine.close();
});

test('on a full disk the current segment is replaced when hardly anything in it is needed', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk, { ...BOUNDS, segmentBytes: 1e6 });
  for (let n = 0; n < 40; n++) await append(engine, 1, `${n}`.padEnd(500, '.'));
  await append(engine, 2, 'kept');
  disk.full = true;
  await assert.rejects(append(engine, 1, 'x'.repeat(300)), EngineFullError);
  await engine.drop(1);
  await settle();
  clock.advance(1000);
  await append(engine, 2, 'x'.repeat(3000));
  const [kept] = textsOf(await engine.read(2, 0, ALL));
  assert.equal(kept, 'kept');
  await engine.close();
});

test('records and rows committed together are refused together when the disk is full', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk, BOUNDS);
  await append(engine, 1, 'a');
  disk.full = true;
  const table = engine.catalog.table<{ n: number }>('t');
  const [record, row, trim] = await Promise.allSettled([
    append(engine, 1, 'b'),
    engine.catalog.commit((to) => to.put(table, 'row', { n: 2 })),
    engine.trim(1, 1),
  ]);
  assert.deepEqual([record.status, row.status, trim.status], ['rejected', 'fulfilled', 'fulfilled']);
  assert.deepEqual([engine.bounds(1).firstIndex, engine.bounds(1).nextIndex], [1, 1]);
  await engine.close();
});
