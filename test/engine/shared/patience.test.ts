import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedLimits } from '../../../src/engine/shared/limits.ts';
import { Patience } from '../../../src/engine/shared/patience.ts';
import { ManualClock } from '../../../src/support/clock.ts';

test('a standby does not end the present tick before it waits for a hand-over', () => {
  const clock = new ManualClock();
  const patience = new Patience({ clock, random: () => 0.2, takeOverAfterMs: 60_000 });
  let overs = 0;
  const stop = patience.watch(() => overs++);
  clock.advance(patience.tickMs * 1.1);
  patience.hear();
  patience.shorten();
  clock.advance(sharedLimits.handOverSpreadMs * 0.2);
  assert.equal(overs, 1);
  stop();
});
