import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { startTestServer, temporaryFolder } from '../support/server.ts';

test('diff says what apply would do, with exit code 3, and nothing once it is done', async () => {
  await using server = await startTestServer();
  const workingFolder = await temporaryFolder();
  await writeFile(join(workingFolder, 'nagare.yaml'), 'streams:\n  orders: { shardCount: 2 }\n');
  const run = (...args: string[]) =>
    runCommand([...args, '--endpoint-url', server.endpoint], {}, { workingFolder });
  const before = await run('diff');
  assert.equal(before.code, 3);
  assert.match(before.output, /^create {2}streams\.orders/);
  assert.match(before.errors, /1 of 1 resources differ\n {2}try: nagare apply /);
  assert.equal((await run('apply')).code, 0);
  const after = await run('diff', '--json');
  assert.deepEqual([after.code, after.output], [0, '[]\n']);
});
