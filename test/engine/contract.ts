import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import {
  LogSealedError,
  type Engine,
  type PackedRecords,
  type RecordBatch,
} from '../../src/engine/engine.ts';
import { RecordPacker, unpack } from '../../src/engine/packed-records.ts';
import { ManualClock } from '../../src/support/clock.ts';

/** What every implementation of Engine must do. `open` on the same place again finds what was stored. */
export interface EngineFactory {
  readonly name: string;
  make(clock: ManualClock): Promise<{ open(): Promise<Engine>; dispose(): Promise<void> }>;
}

export function pack(...texts: string[]): PackedRecords {
  const packer = new RecordPacker();
  for (const text of texts) packer.add(Buffer.from(text));
  return packer.finish();
}

export function textsOf(batches: readonly RecordBatch[]): string[] {
  const texts: string[] = [];
  for (const batch of batches) {
    const { bytes } = batch;
    unpack(
      batch,
      (_, offset, length) => void texts.push(Buffer.from(bytes.subarray(offset, offset + length)).toString()),
    );
  }
  return texts;
}

export async function put(engine: Engine, log: number, ...texts: string[]): Promise<number> {
  const { batches } = await engine.append({ batches: [{ log, records: pack(...texts) }] });
  const [appended] = batches;
  assert(appended);
  return appended.firstIndex;
}

/** The engine as it is, and once more as a restart finds it. */
export async function* beforeAndAfter(engine: Engine, reopen: () => Promise<Engine>): AsyncGenerator<Engine> {
  yield engine;
  yield await reopen();
}

export interface Started {
  readonly engine: Engine;
  readonly clock: ManualClock;
  /** Closes the engine and opens it again on the same place. */
  readonly reopen: () => Promise<Engine>;
}

/** For use in a `describe`: starts engines that are closed after each test. */
export function starter(factory: EngineFactory): () => Promise<Started> {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });

  return async () => {
    const clock = new ManualClock(1_700_000_000_000);
    const place = await factory.make(clock);
    cleanups.push(() => place.dispose());
    let engine = await place.open();
    cleanups.push(() => engine.close());
    return {
      engine,
      clock,
      reopen: async () => {
        await engine.close();
        engine = await place.open();
        return engine;
      },
    };
  };
}

export const ALL = { maxRecords: 1_000_000, maxBytes: 1 << 30 };

export function describeEngine(factory: EngineFactory): void {
  describe(`the engine contract: ${factory.name}`, () => {
    const start = starter(factory);

    it('returns numbers for logs that were never used, also after a restart', async () => {
      const { engine, reopen } = await start();
      const first = await engine.createLogs(3);
      const again = await (await reopen()).createLogs(2);
      assert.equal(new Set([...first, ...again]).size, 5);
    });

    it('returns what was appended, in order, from any index', async () => {
      const { engine, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      assert.equal(await put(engine, log, 'a', 'b'), 0);
      assert.equal(await put(engine, log, 'c'), 2);
      assert.equal(await put(engine, log, '', 'e'), 3);
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(textsOf(await now.read(log, 0, ALL)), ['a', 'b', 'c', '', 'e']);
        assert.deepEqual(textsOf(await now.read(log, 1, ALL)), ['b', 'c', '', 'e']);
        assert.deepEqual(textsOf(await now.read(log, 4, ALL)), ['e']);
        assert.deepEqual(await now.read(log, 5, ALL), []);
        assert.equal(now.bounds(log).nextIndex, 5);
      }
    });

    it('numbers concurrent appends in the order of the calls', async () => {
      const { engine } = await start();
      const [log = 0] = await engine.createLogs(1);
      const firsts = await Promise.all(
        Array.from({ length: 50 }, (_, n) => put(engine, log, `${n}`, `${n}'`)),
      );
      assert.deepEqual(
        firsts,
        Array.from({ length: 50 }, (_, n) => n * 2),
      );
      assert.equal(
        textsOf(await engine.read(log, 0, ALL)).join(),
        Array.from({ length: 50 }, (_, n) => `${n},${n}'`).join(),
      );
    });

    it('ends a read at its limits, but always returns one record', async () => {
      const { engine, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      await put(engine, log, 'aaaa', 'bbbb', 'cccc');
      await put(engine, log, 'dddd');
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(textsOf(await now.read(log, 0, { maxRecords: 2, maxBytes: 1e6 })), ['aaaa', 'bbbb']);
        assert.deepEqual(textsOf(await now.read(log, 2, { maxRecords: 2, maxBytes: 1e6 })), ['cccc', 'dddd']);
        assert.deepEqual(textsOf(await now.read(log, 0, { maxRecords: 9, maxBytes: 16 })), ['aaaa', 'bbbb']);
        assert.deepEqual(textsOf(await now.read(log, 1, { maxRecords: 9, maxBytes: 1 })), ['bbbb']);
        assert.deepEqual(textsOf(await now.read(log, 2, { maxRecords: 9, maxBytes: 15 })), ['cccc']);
      }
    });

    it('stores all batches of a request or none', async () => {
      const { engine } = await start();
      const [open = 0, sealed = 0] = await engine.createLogs(2);
      await put(engine, sealed, 'x');
      await engine.seal(sealed);
      const batches = [open, sealed].map((log) => ({ log, records: pack('y') }));
      await assert.rejects(engine.append({ batches }), LogSealedError);
      assert.equal(engine.bounds(open).nextIndex, 0);
      assert.deepEqual(await engine.read(open, 0, ALL), []);
    });

    it('accepts no append after a seal, and returns the final tail', async () => {
      const { engine, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      const before = put(engine, log, 'a', 'b');
      const sealing = engine.seal(log);
      await assert.rejects(put(engine, log, 'late'), LogSealedError);
      assert.equal(await before, 0);
      assert.equal(await sealing, 2);
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.equal(now.bounds(log).sealed, true);
        assert.equal(await now.seal(log), 2);
        await assert.rejects(put(now, log, 'later'), LogSealedError);
        assert.deepEqual(textsOf(await now.read(log, 0, ALL)), ['a', 'b']);
      }
    });

    it('removes trimmed records permanently', async () => {
      const { engine, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      await put(engine, log, 'a', 'b', 'c', 'd');
      await engine.trim(log, 3);
      await engine.trim(log, 1);
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(textsOf(await now.read(log, 0, ALL)), ['d']);
        assert.equal(now.bounds(log).firstIndex, 3);
      }
    });

    it('trims no further than the tail, and continues from there', async () => {
      const { engine, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      await put(engine, log, 'a');
      await engine.trim(log, 100);
      assert.deepEqual(engine.bounds(log).firstIndex, 1);
      const now = await reopen();
      assert.equal(await put(now, log, 'b'), 1);
      assert.deepEqual(textsOf(await now.read(log, 0, ALL)), ['b']);
    });

    it('removes a dropped log, wakes its waiters, and does not create it again', async () => {
      const { engine, reopen } = await start();
      const [log = 0, other = 0] = await engine.createLogs(2);
      await put(engine, log, 'a');
      await put(engine, other, 'kept');
      const waiting = engine.waitFor(log, 5, new AbortController().signal);
      await engine.drop(log);
      await waiting;
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(await now.read(log, 0, ALL), []);
        assert.deepEqual(now.bounds(log), { firstIndex: 0, nextIndex: 0, lastArrivalMs: 0, sealed: false });
        await assert.rejects(put(now, log, 'late'), LogSealedError);
        assert.deepEqual(textsOf(await now.read(other, 0, ALL)), ['kept']);
      }
    });

    it('wakes a waiting reader when its record is there, not before', async () => {
      const { engine } = await start();
      const [log = 0] = await engine.createLogs(1);
      let woken = false;
      const waiting = engine.waitFor(log, 1, new AbortController().signal).then(() => (woken = true));
      await put(engine, log, 'a');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(woken, false);
      await put(engine, log, 'b');
      await waiting;
      assert.deepEqual(textsOf(await engine.read(log, 1, ALL)), ['b']);
      await engine.waitFor(log, 0, new AbortController().signal);
    });

    it('releases a waiting reader on abort, on seal and on close', async () => {
      const { engine } = await start();
      const [log = 0, other = 0] = await engine.createLogs(2);
      const abort = new AbortController();
      const aborted = engine.waitFor(log, 0, abort.signal);
      abort.abort();
      await aborted;
      const sealed = engine.waitFor(log, 0, new AbortController().signal);
      await engine.seal(log);
      await sealed;
      const closed = engine.waitFor(other, 0, new AbortController().signal);
      await engine.close();
      await closed;
    });

    it('finds the first record that arrived at a time', async () => {
      const { engine, clock, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      const begin = clock.now();
      for (const text of ['a', 'b', 'c']) {
        await put(engine, log, text, `${text}'`);
        clock.advance(1000);
      }
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.equal(await now.locate(log, 0), 0);
        assert.equal(await now.locate(log, begin), 0);
        assert.equal(await now.locate(log, begin + 1), 2);
        assert.equal(await now.locate(log, begin + 2000), 4);
        assert.equal(await now.locate(log, begin + 2001), 6);
        assert.equal(now.bounds(log).lastArrivalMs, begin + 2000);
      }
      const last = await reopen();
      await last.trim(log, 3);
      assert.equal(await last.locate(log, 0), 3);
    });

    it('answers a retry with the first response and stores it once', async () => {
      const { engine, clock, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      const idempotencyKey = { id: Buffer.from('id-1'), digest: Buffer.from('digest') };
      const request = { batches: [{ log, records: pack('a') }], idempotencyKey, flags: 7 };
      const begin = clock.now();
      const [first, atOnce] = await Promise.all([engine.append(request), engine.append(request)]);
      const batches = [{ log, firstIndex: 0, arrivalMs: begin }];
      assert.deepEqual(first, { batches, repeated: false, flags: 7 });
      const repeated = { batches, repeated: true, flags: 7 };
      clock.advance(60_000);
      assert.deepEqual(atOnce, repeated);
      assert.deepEqual(await engine.append({ ...request, flags: 8 }), repeated);
      const now = await reopen();
      assert.deepEqual(await now.append(request), repeated);
      assert.deepEqual(await now.recall(idempotencyKey), repeated);
      assert.deepEqual(textsOf(await now.read(log, 0, ALL)), ['a']);
      const other = { ...request, idempotencyKey: { ...idempotencyKey, digest: Buffer.from('other') } };
      assert.equal((await now.append(other)).batches[0]?.firstIndex, 1);
    });

    it('returns the logs of the first request to a retry, whatever the retry names', async () => {
      const { engine, clock, reopen } = await start();
      const logs = await engine.createLogs(300);
      const [far = 0] = logs.slice(-1);
      await put(engine, far, ...Array.from({ length: 200 }, (_, n) => `${n}`));
      clock.advance(-5000);
      const idempotencyKey = { id: Buffer.from('id'), digest: Buffer.from('digest') };
      const [near = 0, other = 0] = logs;
      const batches = [far, near].map((log) => ({ log, records: pack('x') }));
      const first = await engine.append({ batches, idempotencyKey });
      assert.deepEqual(first.batches, [
        { log: far, firstIndex: 200, arrivalMs: clock.now() + 5000 },
        { log: near, firstIndex: 0, arrivalMs: clock.now() },
      ]);
      await engine.seal(far);
      for await (const now of beforeAndAfter(engine, reopen)) {
        const repeat = await now.append({ batches: [{ log: other, records: pack('x') }], idempotencyKey });
        assert.deepEqual(repeat.batches, first.batches);
        assert.equal(now.bounds(other).nextIndex, 0);
      }
    });

    it('never lets arrivals decrease within a log, even when the clock is set back, and after a restart', async () => {
      const { engine, clock, reopen } = await start();
      const [log = 0, later = 0] = await engine.createLogs(2);
      const begin = clock.now();
      await put(engine, log, 'a');
      clock.advance(-1000);
      for await (const now of beforeAndAfter(engine, reopen)) await put(now, log, 'b');
      const now = await reopen();
      await put(now, later, 'c');
      const arrivals = (await now.read(log, 0, ALL)).map(({ arrivalMs }) => arrivalMs);
      assert(arrivals.every((arrivalMs) => arrivalMs === begin));
      assert.equal(await now.locate(log, begin), 0);
      assert.equal(now.bounds(later).lastArrivalMs, begin - 1000);
      clock.advance(3000);
      await put(now, log, 'd');
      assert.equal(await now.locate(log, begin + 1), 3);
    });

    it('treats an idempotency key as new after ten minutes', async () => {
      const { engine, clock } = await start();
      const [log = 0] = await engine.createLogs(1);
      const request = {
        batches: [{ log, records: pack('a') }],
        idempotencyKey: { id: Buffer.from('id'), digest: Buffer.from('digest') },
      };
      await engine.append(request);
      clock.advance(10 * 60_000 + 1);
      assert.equal((await engine.append(request)).batches[0]?.firstIndex, 1);
    });
  });
}
