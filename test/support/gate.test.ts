import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../../src/support/gate.ts';

test('a gate opens when the last of those who hold it lets go', async () => {
  const gate = new Gate();
  await gate.pass();
  const [first, second] = [gate.hold(), gate.hold()];
  let passed = false;
  const passing = gate.pass().then(() => (passed = true));
  first();
  first(); // twice is once
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(passed, false);
  second();
  await passing;
  const third = gate.hold();
  third();
  await gate.pass();
});
