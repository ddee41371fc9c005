import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { test } from 'node:test';
import { mainPath, temporaryFolder } from '../../support/server.ts';

test('output that does not fit on the disk is a failure in one line', async () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [mainPath, 'help'], {
    cwd: await temporaryFolder(),
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.equal(stderr, 'nagare: cannot write: the disk is full\n');
  assert.equal(status, 1);
});
