import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runTool } from '../support/tools.ts';

const demo = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));

test('the demo completes in under a minute', async () => {
  const began = performance.now();
  const output = await runTool(process.execPath, [demo]);
  assert.ok(performance.now() - began < 60_000);
  assert.match(output, /kill -9/);
  assert.match(output, /100 lines, none lost, none twice, in the order of the stream/);
  assert.match(output, /notification: ALARM: "busy"/);
  assert.match(output, /Try next\n(.+\n){3}$/);
});
