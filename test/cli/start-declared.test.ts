import { jsonFor } from '../support/admission.ts';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { mainPath, spawnServer, temporaryFolder } from '../support/server.ts';

/** Starts a server on a file of declarations that it refuses; one that works on it for long, or hangs, is killed. */
async function refusal(yaml: string, file = 'nagare.yaml') {
  const folder = await temporaryFolder();
  await writeFile(join(folder, file), yaml);
  const args = [mainPath, 'start', '--port', '0', ...(file === 'nagare.yaml' ? [] : ['--config', file])];
  const limited = ['-c', 'ulimit -t 20 && exec "$0" "$@"', process.execPath, ...args];
  const child = spawn('/bin/sh', limited, { cwd: folder, timeout: 180_000, killSignal: 'SIGKILL' });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

// The shards were all made in memory before anyone counted them: minutes at 100 % CPU, in which SIGTERM was not heard.
test('more shards than nagare allows are refused immediately, as by CreateStream', async () => {
  const { code, errors } = await refusal('streams:\n  s: { shardCount: 100000000 }\n');
  assert.equal(code, 1);
  assert.match(errors, /^nagare: .*streams\.s.*would exceed the shard limit .* Limit: 100000\. .*\n$/);
});

test('a refused declaration is reported with its file and line', async () => {
  const { code, errors } = await refusal('# mine\nstreams:\n  orders:\n  no good name:\n', 'mine.yaml');
  assert.equal(code, 1);
  assert.match(errors, /^nagare: mine\.yaml:4: streams\.no good name: 1 validation error detected: .*\n$/);
});

// A misspelt path was first heard of when the function was called.
test('warns of a function whose file does not exist; the function works once the file exists', async () => {
  const folder = await temporaryFolder();
  const functions = '{ late: { path: ./late.mjs }, there: { path: ./there.mjs } }';
  await writeFile(join(folder, 'nagare.yaml'), `functions: ${functions}\n`);
  await writeFile(join(folder, 'there.mjs'), 'export const handler = async () => 1;');
  await using server = await spawnServer({ cwd: folder });
  const warned = () => server.errorOutput.includes(join(folder, 'late.mjs'));
  await until(warned, { what: 'the warning' });
  assert.match(server.errorOutput, /WARN.*: the file of a declared function does not exist/);
  assert.ok(!server.errorOutput.includes('there.mjs'));
  await writeFile(join(folder, 'late.mjs'), 'export const handler = async () => "come";');
  const invoke = `${server.endpoint}/2015-03-31/functions/late/invocations`;
  const answer = await fetch(invoke, { method: 'POST', headers: jsonFor('lambda'), body: '{}' });
  assert.equal(await answer.text(), '"come"');
});
