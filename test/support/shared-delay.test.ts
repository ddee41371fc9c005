import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, ManualClock } from '../../src/support/clock.ts';
import { SharedDelay } from '../../src/support/shared-delay.ts';

function counting(clock: ManualClock): Clock & { timers: number } {
  const counted = {
    timers: 0,
    now: () => clock.now(),
    schedule(delayMs: number, callback: () => void) {
      counted.timers++;
      return clock.schedule(delayMs, callback);
    },
  };
  return counted;
}

test('all waiters are called after the same delay, in order of arrival', () => {
  const clock = new ManualClock();
  const delay = new SharedDelay(clock, 100);
  const called: string[] = [];
  delay.add(() => called.push(`a ${clock.now()}`));
  clock.advance(30);
  delay.add(() => called.push(`b ${clock.now()}`));
  const cancel = delay.add(() => called.push('cancelled'));
  delay.add(() => delay.add(() => called.push(`again ${clock.now()}`)));
  cancel();
  clock.advance(400);
  assert.deepEqual(called, ['a 100', 'b 130', 'again 230']);
});

test('a thousand waiters that come and go need one timer', () => {
  const clock = counting(new ManualClock());
  const delay = new SharedDelay(clock, 100);
  const cancels = Array.from({ length: 1_000 }, () => delay.add(() => {}));
  for (const cancel of cancels.slice(1)) {
    cancel();
    delay.add(() => {});
  }
  assert.equal(clock.timers, 1);
});

test('no waiter waits longer because the clock was set back', () => {
  const clock = new ManualClock(1_000_000);
  const delay = new SharedDelay(clock, 100);
  let called = 0;
  delay.add(() => called++);
  clock.advance(50);
  delay.add(() => called++);
  clock.advance(-500_000);
  clock.advance(500_150);
  assert.equal(called, 2);
});
