import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { existsSync } from 'node:fs';
import { runCommand } from '../support/command.ts';
import { temporaryFolder } from '../support/server.ts';

test('doctor names each check with its result, and creates no data folder', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const { code, output } = await runCommand(['doctor', '--data-dir', dataDir]);
  assert.equal(code, 0, output);
  for (const check of [
    'function isolation',
    'namespaces',
    'user',
    'cgroup',
    'memory',
    'disk',
    'file handles',
    'clock',
  ])
    assert.match(output, new RegExp(`^(ok|warning) +${check} `, 'm'));
  assert.equal(existsSync(dataDir), false);
});

test('doctor warns when functions are not isolated', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const { output } = await runCommand(['doctor', '--data-dir', dataDir, '--function-isolation', 'off']);
  assert.match(output, /^warning +function isolation +off, as configured/m);
});
