import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runTool } from '../support/tools.ts';

const demo = fileURLToPath(new URL('../../examples/cluster/main.ts', import.meta.url));

test('the demo of a cluster loses nothing and doubles nothing', async (t) => {
  const output = await runTool(process.execPath, [demo]);
  assert.match(output, /kill -9 of the owner/);
  assert.match(output, /stream: (\d+) orders acknowledged, \1 stored, none lost, none doubled, in order/);
  assert.match(output, /list log: (\d+) orders acknowledged, \1 stored, none lost, none doubled, in order/);
  for (const [pause] of output.matchAll(/the longest that a client waited: \d+ ms/g)) t.diagnostic(pause);
});
