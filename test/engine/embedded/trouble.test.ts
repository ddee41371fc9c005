import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EngineFullError, type Engine } from '../../../src/engine/engine.ts';
import { pack } from '../contract.ts';
import { clock, emptyDisk, openStore } from './store.ts';

function append(engine: Engine, text: string): Promise<unknown> {
  return engine.append({ batches: [{ log: 1, records: pack(text) }] });
}

test('a failing disk is reported until it works again, although nothing is written', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk);
  await append(engine, 'a');
  assert.equal(await engine.findFailure(), undefined);
  disk.faultChance = 1;
  await assert.rejects(append(engine, 'b'));
  assert.equal((await engine.findFailure())?.kind, 'write failed');
  disk.faultChance = 0;
  assert.equal(await engine.findFailure(), undefined);
  await append(engine, 'c');
  await engine.close();
});

test('checking a full disk takes no space on it', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk);
  await append(engine, 'a');
  disk.full = true;
  await assert.rejects(append(engine, 'x'.repeat(300)), EngineFullError);
  const { calls } = disk;
  for (let n = 0; n < 100; n++) assert.equal((await engine.findFailure())?.kind, 'no space');
  assert.ok(disk.calls - calls < 10, 'the disk is asked at most ten times a second');
  disk.full = false;
  clock.advance(1000);
  assert.equal(await engine.findFailure(), undefined);
  await engine.close();
});
