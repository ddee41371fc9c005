import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import type { Disk } from '../../../../src/engine/embedded/disk.ts';
import {
  RestoreError,
  restoreEngine,
  type Restored,
} from '../../../../src/engine/shared/snapshots/restore.ts';
import { ManualClock, systemClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { ALL, put, textsOf } from '../../contract.ts';
import { emptyDisk, take, TestCluster } from './cluster.ts';

const START_MS = 1_700_000_000_000;

describe('restoring a shared log to a point in time', () => {
  let cluster: TestCluster;

  beforeEach(() => {
    cluster = new TestCluster();
  });
  afterEach(async () => {
    await cluster.close();
  });

  function restore(disk: Disk, toMs: number | undefined): Promise<Restored> {
    return restoreEngine({
      folder: '',
      disk,
      clock: systemClock,
      log: silentLog,
      shared: cluster.store.open(),
      objects: cluster.objects.open(),
      prefix: 'snapshots/',
      toMs,
      signal: new AbortController().signal,
    });
  }

  it('gives what had been committed by then, from any snapshot on, and nothing later', async () => {
    const clock = new ManualClock(START_MS);
    const owner = await cluster.openOwner({ clock, settings: { keptMin: 3 } });
    const texts: string[] = [];
    for (let n = 0; n < 12; n++) {
      clock.advance(10_000);
      texts.push(`record ${n}`);
      await put(owner.engine, 1, `record ${n}`);
      if (n % 3 === 2) await take(owner);
    }
    assert(cluster.store.first > 0);
    const [oldest] = cluster.snapshots().toSorted((a, b) => a.place.position - b.place.position);
    assert(oldest);
    const kept = (oldest.place.timeMs - START_MS) / 10_000;
    for (let n = kept; n <= 12; n++) {
      const disk = emptyDisk();
      const restored = await restore(disk, START_MS + n * 10_000 + 5000);
      assert.deepEqual(await textsOn(disk), texts.slice(0, n), `${n} records`);
      assert(restored.frames <= 12);
    }
    const whole = emptyDisk();
    await restore(whole, undefined);
    assert.deepEqual(await textsOn(whole), texts);
    await assert.rejects(restore(emptyDisk(), START_MS + 5000), (error) => {
      assert(error instanceof RestoreError);
      assert.match(error.message, new RegExp(new Date(oldest.place.timeMs).toISOString()));
      return true;
    });
  });

  it('goes back to the beginning of a log that was never trimmed', async () => {
    const clock = new ManualClock(START_MS);
    const owner = await cluster.openOwner({ clock });
    await put(owner.engine, 1, 'a');
    clock.advance(10_000);
    await put(owner.engine, 1, 'b');
    for (const key of cluster.objects.keys('')) cluster.objects.objects.delete(key);
    const disk = emptyDisk();
    const { frames } = await restore(disk, START_MS + 5000);
    assert(frames >= 2);
    assert.deepEqual(await textsOn(disk), ['a']);
  });
});

async function textsOn(disk: Disk): Promise<string[]> {
  const engine = await openEmbeddedEngine({ folder: '', disk, clock: systemClock, log: silentLog });
  const texts = textsOf(await engine.read(1, 0, ALL));
  // It is a store of its own.
  assert.equal(await put(engine, 1, 'more'), texts.length);
  await engine.close();
  return texts;
}
