import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PauseGate } from '../../src/support/pause-gate.ts';

test('a gate opens when its last holder releases it', async () => {
  const gate = new PauseGate();
  await gate.wait();
  const [first, second] = [gate.pause(), gate.pause()];
  let passed = false;
  const passing = gate.wait().then(() => (passed = true));
  first();
  first(); // twice is once
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(passed, false);
  second();
  await passing;
  const third = gate.pause();
  third();
  await gate.wait();
});
