import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FollowerAge } from '../../../src/engine/shared/follower-age.ts';
import { sharedLimits } from '../../../src/engine/shared/limits.ts';
import { ManualClock } from '../../../src/support/clock.ts';

const BOUND = 4000;
const HEARTBEAT = 1000;

function follower() {
  const clock = new ManualClock(1_000_000);
  const log = { next: 1, asked: 0, answers: Promise.resolve() };
  const applied = { position: 0 };
  const age = new FollowerAge({
    log: {
      async bounds() {
        log.asked++;
        const { next } = log;
        await log.answers;
        return { first: 0, next };
      },
    },
    timers: clock,
    times: { wallMs: () => clock.now(), monotonicMs: () => clock.now() },
    heartbeatEveryMs: HEARTBEAT,
    position: () => applied.position,
  });
  const take = (position: number): void => {
    applied.position = position;
    age.took();
  };
  return { clock, log, age, take };
}

/** Lets everything run that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a standby is as old as its last question of where the log ends, when it has applied everything up to there', async () => {
  const { clock, log, age, take } = follower();
  take(0);
  assert.equal(age.ms, Infinity);
  assert.equal(await age.isAtMost(BOUND), true);
  assert.equal(log.asked, 1);

  // Frames that were appended before the question have to come first.
  clock.advance(BOUND / 2 + 1);
  log.next = 5;
  take(3);
  assert.equal(await age.isAtMost(BOUND), true, 'by the question before');
  await settled();
  assert.equal(age.ms, BOUND / 2 + 1);
  clock.advance(500);
  take(4);
  await settled();
  assert.equal(age.ms, 500);
  assert.equal(log.asked, 2, 'no more questions than needed');
});

test('it asks again before the bound is over, and waits a while for the answer after it', async () => {
  const { clock, log, age, take } = follower();
  take(0);
  await age.isAtMost(BOUND);
  const slow = Promise.withResolvers<void>();
  log.answers = slow.promise;
  clock.advance(BOUND + 1);
  take(0);
  const waiting = age.isAtMost(BOUND);
  clock.advance(sharedLimits.ageWaitMs - 1);
  slow.resolve();
  assert.equal(await waiting, true);
});

test('a standby that is cut off from the store, or that hears nothing, is not sure', async () => {
  const { clock, log, age, take } = follower();
  take(0);
  await age.isAtMost(BOUND);
  log.answers = Promise.withResolvers<void>().promise;
  clock.advance(BOUND + 1);
  const waiting = age.isAtMost(BOUND);
  clock.advance(sharedLimits.ageWaitMs);
  assert.equal(await waiting, false);
  assert.equal(await age.isAtMost(BOUND), false, 'at once while the store does not answer');

  // A broker that others have replaced tells its own end, and has no new frames.
  const silent = follower();
  silent.take(0);
  for (let seconds = 0; seconds < BOUND / 1000; seconds++) {
    silent.clock.advance(1000);
    assert.equal(await silent.age.isAtMost(BOUND), true);
  }
  silent.clock.advance(1);
  assert.equal(await silent.age.isAtMost(BOUND), false);
});
