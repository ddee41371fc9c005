/** A clock that is set while a queue is in use: forwards, and backwards, which some think impossible. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { Deduplication } from '../../../src/queue/leased/deduplication.ts';
import { DeletedMessages } from '../../../src/queue/leased/deleted-messages.ts';
import { LeasedQueue } from '../../../src/queue/leased/leased-queue.ts';
import { ReadAhead } from '../../../src/queue/leased/read-ahead.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

async function setup(t: TestContext, isOrdered = false) {
  const clock = new ManualClock(1_700_000_000_000);
  const engine = await openEmbeddedEngine({ folder: await temporaryFolder(), clock, log: silentLog });
  const queue = new LeasedQueue({
    engine,
    clock,
    log: silentLog,
    id: 'q',
    handleKey: randomBytes(16),
    isOrdered,
    rules: () => ({ retentionMs: 96 * HOUR, delayMs: 0, receivesMax: undefined }),
    onDead: () => Promise.resolve(),
    deleted: new DeletedMessages(engine.catalog),
    readAhead: new ReadAhead(),
  });
  t.after(() => queue.close().then(() => engine.close()));
  const bodies = async (): Promise<string[]> => {
    const signal = AbortSignal.timeout(10_000);
    const received = await queue.receive({ most: 10, visibilityMs: 30 * SECOND, waitMs: 0, signal });
    return received.map(({ message }) => message.body.toString());
  };
  return { clock, engine, queue, bodies };
}

function message(body: string, more: { readonly groupId?: string; readonly delayMs?: number } = {}) {
  return { id: randomBytes(16), digest: '0'.repeat(32), body, ...more };
}

describe('when the clock is set back by an hour', () => {
  it('messages are received that were sent before and afterwards', async (t) => {
    for (const isOrdered of [false, true]) {
      const { clock, queue, bodies } = await setup(t, isOrdered);
      await queue.send([message('before', { groupId: 'a' })]);
      clock.advance(-HOUR);
      await queue.send([message('after', { groupId: 'b' })]);
      assert.deepEqual((await bodies()).toSorted(), ['after', 'before']);
    }
  });

  it('a message in flight becomes visible after its timeout, not an hour later', async (t) => {
    for (const isOrdered of [false, true]) {
      const { clock, queue, bodies } = await setup(t, isOrdered);
      await queue.send([message('a', { groupId: 'g' })]);
      assert.deepEqual(await bodies(), ['a']);
      clock.advance(-HOUR);
      assert.deepEqual(await bodies(), []);
      clock.advance(29 * SECOND);
      assert.deepEqual(await bodies(), []);
      clock.advance(SECOND);
      assert.deepEqual(await bodies(), ['a']);
    }
  });

  it('a delayed message is due after its delay, not before it, and at the latest after twice as long', async (t) => {
    const { clock, queue, bodies } = await setup(t);
    await queue.send([message('before', { delayMs: MINUTE })]);
    assert.deepEqual(await bodies(), []);
    clock.advance(-HOUR);
    await queue.send([message('after', { delayMs: MINUTE })]);
    assert.deepEqual(await bodies(), []);
    clock.advance(MINUTE - 1);
    assert.deepEqual(await bodies(), []);
    clock.advance(1);
    assert.deepEqual(await bodies(), ['before']);
    // It was read only now, and when it was sent is not known.
    clock.advance(MINUTE);
    assert.deepEqual((await bodies()).toSorted(), ['after', 'before']);
  });

  it('wakes a receive that waits when the message becomes visible', async (t) => {
    const { clock, queue, bodies } = await setup(t);
    await queue.send([message('a')]);
    await bodies();
    clock.advance(-HOUR);
    const { signal } = new AbortController();
    const waiting = queue.receive({ most: 1, visibilityMs: 1, waitMs: 31 * SECOND, signal });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(30 * SECOND);
    assert.equal((await waiting).length, 1);
  });

  it('duplicates are recognized for five minutes, and not for an hour', async (t) => {
    const { clock, engine, queue } = await setup(t, true);
    const deduplication = new Deduplication({ engine, clock, queue });
    const repeats = async (key: string): Promise<boolean> => {
      const [sent] = await deduplication.send([{ ...message(key, { groupId: 'g' }), key }]);
      return sent?.isRepeat === true;
    };
    assert.equal(await repeats('a'), false);
    clock.advance(-HOUR);
    assert.equal(await repeats('a'), true);
    assert.equal(await repeats('b'), false);
    clock.advance(4 * MINUTE);
    assert.equal(await repeats('a'), true);
    assert.equal(await repeats('b'), true);
    assert.equal(await repeats('c'), false);
    clock.advance(2 * MINUTE);
    assert.equal(await repeats('a'), false);
    assert.equal(await repeats('c'), true);
  });
});

describe('when the clock is set forward by an hour', () => {
  it('what was in flight or delayed is received, and nothing is lost', async (t) => {
    const { clock, queue, bodies } = await setup(t);
    await queue.send([message('a'), message('late', { delayMs: 15 * MINUTE })]);
    assert.deepEqual(await bodies(), ['a']);
    clock.advance(HOUR);
    assert.deepEqual((await bodies()).toSorted(), ['a', 'late']);
    clock.advance(-HOUR);
    assert.deepEqual(await bodies(), []);
    clock.advance(30 * SECOND);
    assert.deepEqual((await bodies()).toSorted(), ['a', 'late']);
  });
});

describe('while time goes on between the steps of a receive', () => {
  it('the messages that were received together become visible together', async (t) => {
    for (const isOrdered of [false, true]) {
      const { clock, queue, bodies } = await setup(t, isOrdered);
      await queue.send(['a', 'b', 'c'].map((body) => message(body, { groupId: 'g' })));
      const startMs = clock.now();
      const still = t.mock.method(clock, 'now', () => startMs + still.mock.callCount());
      assert.deepEqual(await bodies(), ['a', 'b', 'c']);
      still.mock.restore();
      const seen: string[][] = [];
      for (let ms = 0; ms < 50; ms++) {
        clock.advance(ms === 0 ? 30 * SECOND : 1);
        const received = await bodies();
        if (received.length > 0) seen.push(received);
      }
      assert.deepEqual(seen, [['a', 'b', 'c']]);
    }
  });
});
