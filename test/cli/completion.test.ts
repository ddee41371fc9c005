import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { programOf } from '../../src/cli/program.ts';
import { candidatesFor } from '../../src/cli/completion/candidates.ts';
import { scripts } from '../../src/cli/completion/scripts.ts';
import { silentTerminal } from '../../src/cli/terminal.ts';
import { runCommand } from '../support/command.ts';
import { mainPath, startTestServer, temporaryFolder } from '../support/server.ts';
import { hasTools } from '../support/tools.ts';

const program = programOf(silentTerminal);

const wordsFor = (line: string) => candidatesFor(program, line.split(' ')).words;

test('commands, options, choices and topics are completed', () => {
  assert.deepEqual(wordsFor('str'), ['stream']);
  assert.deepEqual(wordsFor('stream s'), ['scale']);
  assert.ok(wordsFor('tail orders --fr').includes('--from'));
  assert.deepEqual(wordsFor('tail orders --from '), ['oldest', 'latest']);
  assert.deepEqual(wordsFor('help exit'), ['exit-codes']);
  assert.deepEqual(wordsFor('completion z'), ['zsh']);
  // Former names still work, but nobody needs to learn them.
  assert.deepEqual(wordsFor('lo'), []);
});

test('arguments are completed with names of their kind, or with files', () => {
  const kindOf = (line: string) => candidatesFor(program, line.split(' ')).names;
  assert.equal(kindOf('tail '), 'stream');
  assert.equal(kindOf('stream info '), 'stream');
  assert.equal(kindOf('stream create '), undefined);
  assert.equal(kindOf('function invoke '), 'function');
  assert.equal(kindOf('mapping pause '), 'mapping');
  assert.equal(kindOf('tail orders --shard-id '), 'shard');
  assert.equal(kindOf('tail orders --endpoint-url '), undefined);
  assert.equal(kindOf('object get '), 'object');
  assert.equal(kindOf('object ls '), 'bucket');
  assert.equal(kindOf('bucket create '), undefined);
  assert.equal(kindOf('topic publish '), 'topic');
  assert.equal(kindOf('channel rm '), 'channel');
  assert.equal(candidatesFor(program, ['export', 's', '']).files, true);
});

test('objects are completed from slash to slash', async () => {
  await using server = await startTestServer();
  const environment = { AWS_ENDPOINT_URL: server.endpoint };
  for (const name of ['lake', 'land', 'sea']) await runCommand(['bucket', 'create', name], environment);
  for (const key of ['2026/a', '2026/b', '2027/c'])
    await runCommand(['object', 'put', `lake/${key}`], environment, { input: 'x' });
  const complete = async (typed: string) =>
    (await runCommand(['__complete', '--', 'object', 'get', typed], environment)).output.trim().split('\n');
  assert.deepEqual(await complete('la'), ['lake/', 'land/']);
  assert.deepEqual(await complete('s3://se'), ['s3://sea/']);
  assert.deepEqual(await complete('lake/'), ['lake/2026/', 'lake/2027/']);
  assert.deepEqual(await complete('lake/2026/'), ['lake/2026/a', 'lake/2026/b']);
});

test('names come from the server, and without one there are none', async () => {
  await using server = await startTestServer();
  const environment = { AWS_ENDPOINT_URL: server.endpoint };
  for (const name of ['orders', 'other', 'payments'])
    await runCommand(['stream', 'create', name], environment);
  const complete = (words: readonly string[], at: Record<string, string> = environment) =>
    runCommand(['__complete', '--', ...words], at);
  assert.equal((await complete(['tail', 'o'])).output, 'orders\nother\n');
  assert.equal((await complete(['tail', 'orders', '--shard-id', ''])).output, 'shardId-000000000000\n');
  const none = await complete(['tail', 'o'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  assert.deepEqual([none.code, none.output, none.errors], [0, '', '']);
});

/** A folder with `nagare` in it, for the path of a shell, and the script of that shell in a file. */
async function shellWith(shell: 'bash' | 'zsh' | 'fish') {
  const folder = await temporaryFolder();
  const nagare = join(folder, 'nagare');
  await writeFile(nagare, `#!/bin/sh\nexec '${process.execPath}' '${mainPath}' "$@"\n`);
  await chmod(nagare, 0o755);
  // The name under which zsh looks for it.
  await writeFile(join(folder, '_nagare'), scripts[shell] ?? '');
  await writeFile(join(folder, 'records.ndjson'), '');
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` };
  const run = async (args: readonly string[]) =>
    (await promisify(execFile)(shell, args, { cwd: folder, env, timeout: 180_000 })).stdout;
  return { folder, run };
}

test('bash completes with the script, in a real shell', async () => {
  const { run } = await shellWith('bash');
  const typed = `${scripts['bash']}
    COMP_WORDS=(nagare stream de) COMP_CWORD=2
    _nagare
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = await run(['-c', typed]);
  assert.deepEqual(output.trim().split('\n').toSorted(), ['delete', 'describe']);
});

test('fish completes with the script, in a real shell', async (t) => {
  if (!hasTools(t, 'fish')) return;
  const { run } = await shellWith('fish');
  const complete = async (line: string) => {
    const output = await run(['--no-config', '-c', `source _nagare; complete -C '${line}'`]);
    return output.trim().split('\n').toSorted();
  };
  assert.deepEqual(await complete('nagare stream de'), ['delete', 'describe']);
  assert.deepEqual(await complete('nagare tail orders --from '), ['latest', 'oldest']);
  assert.ok((await complete('nagare import orders rec')).includes('records.ndjson'));
});

test('zsh completes with the script, in a real shell', async (t) => {
  if (!hasTools(t, 'zsh')) return;
  const { folder, run } = await shellWith('zsh');
  // Types into an interactive shell until it shows the text.
  const type = async (typed: string, shown: string) => {
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "fpath=(${folder} \\$fpath); autoload -Uz compinit; compinit -u -D; echo re''ady"
      zpty -r shell line '*ready*'
      zpty -w -n shell $'${typed}\\t'
      zpty -r shell line '*${shown}*'
      zpty -d shell`;
    await run(['-f', '-c', script]);
  };
  await type('nagare stream sc', 'nagare stream scale');
  await type('nagare stream de', 'delete*describe');
  // What was typed, perhaps a bell, and the rest.
  await type('nagare import orders rec', 'ords.ndjson');
});
