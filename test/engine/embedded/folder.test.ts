import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { backupEngine } from '../../../src/engine/embedded/recover/backup.ts';
import { folderBytes } from '../../../src/engine/embedded/node-disk.ts';
import { openEmbeddedEngine, type EngineBounds } from '../../../src/engine/embedded/open.ts';
import { verifyEngine } from '../../../src/engine/embedded/recover/verify.ts';
import { EngineBusyError, type Engine } from '../../../src/engine/engine.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { ALL, pack, textsOf } from '../contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

function openFolder(folder: string, bounds: Partial<EngineBounds> = {}): Promise<Engine> {
  return openEmbeddedEngine({ folder, clock: systemClock, log: silentLog, bounds });
}

function append(engine: Engine, log: number, ...texts: string[]): Promise<unknown> {
  return engine.append({ batches: [{ log, records: pack(...texts) }] });
}

describe('an engine in its folder', () => {
  it('refuses more than its limit of bytes in flight, and accepts them later', async () => {
    const engine = await openFolder(await temporaryFolder(), { bytesInFlightMax: 100 });
    const first = append(engine, 1, 'x'.repeat(80));
    await assert.rejects(append(engine, 1, 'y'.repeat(80)), EngineBusyError);
    await first;
    await append(engine, 1, 'z'.repeat(80));
    // One that is larger than the bound is taken when it is alone.
    await append(engine, 1, 'z'.repeat(1000));
    assert.equal(engine.bounds(1).nextIndex, 3);
    await engine.close();
  });

  it('can be copied while it is written to, and the copy is consistent', async (t) => {
    const folder = await temporaryFolder();
    const engine = await openFolder(folder, { segmentBytes: 20_000, idempotencyKeyLifetimeMs: 1 });
    const stop = new AbortController();
    const writing = (async () => {
      for (let n = 0; !stop.signal.aborted; n++) {
        await engine.append({
          batches: [1, 2].map((log) => ({ log, records: pack(`${n}`, 'x'.repeat(500)) })),
        });
        if (n % 20 === 19) await engine.trim(1, (n - 10) * 2);
      }
    })();
    for (let copy = 0; copy < 5; copy++) {
      await engine.waitFor(2, engine.bounds(2).nextIndex + 20, t.signal);
      const least = engine.bounds(2).nextIndex;
      const target = join(await temporaryFolder(), 'copy');
      await backupEngine({ folder, target });
      assert.deepEqual((await verifyEngine({ folder: target })).findings, []);
      const copied = await openFolder(target);
      const { nextIndex } = copied.bounds(2);
      assert.equal(copied.bounds(1).nextIndex, nextIndex);
      assert(nextIndex >= least, `${nextIndex} of ${least}`);
      const texts = textsOf(await copied.read(2, 0, ALL)).filter((_, at) => at % 2 === 0);
      assert.deepEqual(
        texts,
        Array.from({ length: nextIndex / 2 }, (_, n) => `${n}`),
      );
      await copied.close();
    }
    stop.abort();
    await writing;
    await engine.close();
  });

  it('keeps disk usage near the retained data, with mixed short and long retention', async () => {
    const folder = await temporaryFolder();
    const bounds = {
      segmentBytes: 1 << 20,
      idempotencyKeyLifetimeMs: 0,
      tailCacheBytes: 1 << 20,
      reserveBytes: 1,
    };
    let engine = await openFolder(folder, bounds);
    const [short, long] = [1, 2];
    const KEPT = 4_000;
    let written = 0;
    // One in ten records is kept for good, the others for a window.
    while (written < 40_000) {
      const texts = Array.from({ length: 90 }, (_, n) => `${written + n}`.padEnd(1000, '.'));
      await engine.append({
        batches: [
          { log: short, records: pack(...texts) },
          { log: long, records: pack(...texts.slice(0, 10)) },
        ],
      });
      written += 90;
      await engine.trim(short, written - KEPT);
    }
    const retained = (KEPT + written / 9) * 1004;
    await settles(async () => (await folderBytes(folder)) <= 1.5 * retained + 2 * bounds.segmentBytes);
    await engine.close();
    engine = await openFolder(folder, bounds);
    const texts = textsOf(await engine.read(long, 0, ALL));
    assert.equal(texts.length, engine.bounds(long).nextIndex);
    for (const [at, text] of texts.entries()) {
      assert.equal(Number.parseInt(text, 10), Math.floor(at / 10) * 90 + (at % 10));
    }
    await engine.drop(long);
    await engine.drop(short);
    await settles(async () => (await folderBytes(folder)) <= 3 * bounds.segmentBytes);
    await engine.close();
  });
});

/** Waits for work in the background, which removes files meanwhile. */
async function settles(holds: () => Promise<boolean>): Promise<void> {
  await until(() => holds().catch(() => false), { what: holds.toString(), withinMs: 60_000, pauseMs: 20 });
}
