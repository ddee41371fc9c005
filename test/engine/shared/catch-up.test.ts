import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catchUp } from '../../../src/engine/shared/catch-up.ts';
import { sharedLimits } from '../../../src/engine/shared/limits.ts';
import { ManualClock } from '../../../src/support/clock.ts';

const TICK_MS = 100;

/** A standby that reads, and an owner that writes, so many frames in each tick. Resolves with the ticks that it waited. */
async function ticksOf(options: { reads: number; writes: number; behind: number }): Promise<number> {
  const clock = new ManualClock(0);
  let next = 1000;
  let position = next - 1 - options.behind;
  let frames = 0;
  let ticks = 0;
  let isOver = false;
  const over = catchUp(
    { tickMs: TICK_MS },
    {
      log: { bounds: () => Promise.resolve({ first: 0, next }) },
      timers: clock,
      framesSeen: () => frames,
      position: () => position,
    },
    new AbortController().signal,
  ).then(() => (isOver = true));
  for (; ticks < 10_000; ticks++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) break;
    next += options.writes;
    const read = Math.min(options.reads, next - 1 - position);
    position += read;
    frames += read;
    clock.advance(TICK_MS);
  }
  assert.ok(isOver, 'it waits without end');
  await over;
  return ticks;
}

test('a standby that has all does not wait', async () => {
  assert.equal(await ticksOf({ reads: 0, writes: 0, behind: 0 }), 0);
});

test('a standby that is behind reads to the end first', async () => {
  assert.equal(await ticksOf({ reads: 10, writes: 0, behind: 95 }), 10);
});

// The owner of a busy log was asked for minutes to make room: each time the standby had got where the end had been.
test('the end that moves on with each write is not waited for', async () => {
  assert.equal(await ticksOf({ reads: 50, writes: 50, behind: 1 }), 1);
  const ticks = await ticksOf({ reads: 100, writes: 10, behind: 1000 });
  assert.ok(ticks >= 11 && ticks <= 15, `${ticks} ticks`);
});

test('an owner that writes as fast as the standby reads is not waited for', async () => {
  assert.ok((await ticksOf({ reads: 50, writes: 50, behind: 500 })) <= 25);
});

test('frames that do not come are not waited for', async () => {
  assert.equal(await ticksOf({ reads: 0, writes: 0, behind: 5 }), sharedLimits.promoteIdleMs / TICK_MS);
});
