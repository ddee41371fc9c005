import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Freshness } from '../../../src/engine/shared/freshness.ts';

test('an owner is current for less than the time until a takeover, since its last acknowledged frame was sent', () => {
  const [wall, monotonic] = [{ ms: 1_000_000 }, { ms: 0 }];
  const fresh = new Freshness({ wallMs: () => wall.ms, monotonicMs: () => monotonic.ms });
  const isCurrent = (): boolean => fresh.agedMs < 900;
  assert.equal(isCurrent(), false);
  fresh.sent();
  assert.equal(isCurrent(), false, 'not acknowledged');
  const acknowledge = fresh.sent();
  monotonic.ms += 800;
  acknowledge();
  assert.equal(isCurrent(), true);
  monotonic.ms += 100;
  assert.equal(isCurrent(), false, 'it counts from the sending');

  fresh.sent()();
  assert.equal(isCurrent(), true);
  wall.ms += 900;
  assert.equal(isCurrent(), false, 'the monotonic clock stood still while the machine slept');

  fresh.sent()();
  wall.ms -= 3_600_000;
  assert.equal(isCurrent(), true, 'the clock was set back');
  monotonic.ms += 900;
  assert.equal(isCurrent(), false);
});
