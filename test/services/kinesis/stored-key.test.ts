import assert from 'node:assert/strict';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { startTestServer, temporaryFolder } from '../../support/server.ts';

// A start refused the folder, and verify found no damage in it.
test('verify and repair report a master key that is lost, changed, truncated, or accessible to others', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  await using server = await startTestServer({ dataDir });
  await server.stop();
  const path = join(dataDir, 'keys/master.key');
  const key = await readFile(path, 'utf8');
  const write = (text: string): Promise<void> => writeFile(path, text, { mode: 0o600 });
  const verify = () => runCommand(['verify', '--data-dir', dataDir]);
  assert.equal((await verify()).code, 0);
  for (const [harm, problem] of [
    [() => rm(path), 'the file is missing'],
    [() => write(Buffer.alloc(32, 7).toString('base64')), 'it is not the key of this data folder'],
    [() => write(key.slice(0, 10)), 'is not base64 of 32 bytes'],
    [() => chmod(path, 0o644), 'other users can access the file'],
  ] as const) {
    await harm();
    const found = await verify();
    assert.equal(found.code, 1, problem);
    assert.match(found.output, new RegExp(`${problem}.*: master key \\(keys/master\\.key\\)\n`));
    const repaired = await runCommand(['repair', '--data-dir', dataDir]);
    assert.match(repaired.errors, /the master key cannot be recovered: restore it from a backup/);
    await write(key);
    await chmod(path, 0o600);
  }
  assert.equal((await verify()).code, 0);
});
