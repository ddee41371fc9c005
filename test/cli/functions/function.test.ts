import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { spawnServer, temporaryFolder } from '../../support/server.ts';

test('functions are listed, described and invoked', async (t) => {
  const cwd = await temporaryFolder();
  const code = `export const handler = async (event) => {
    console.log('got', event.name);
    if (event.name === 'bad') throw new TypeError('no such name');
    return { hello: event.name };
  };`;
  await writeFile(join(cwd, 'greet.mjs'), code);
  await writeFile(join(cwd, 'nagare.yaml'), 'functions:\n  greet: { path: greet.mjs, timeout: 5 }\n');
  const server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const nagare = (args: readonly string[], input?: string) =>
    runCommand([...args, '--endpoint-url', server.endpoint], {}, input === undefined ? {} : { input });
  const listed = await nagare(['function', 'ls']);
  assert.match(listed.output, /^greet\tnodejs[^\t]*\t5 s\t\d+ MB\t/, listed.errors);
  const described = await nagare(['function', 'info', 'greet']);
  assert.equal((JSON.parse(described.output) as { Timeout: number }).Timeout, 5);
  const invoked = await nagare(['function', 'invoke', 'greet', '--payload', '{"name":"you"}']);
  assert.equal(invoked.output, '{"hello":"you"}\n', invoked.errors);
  // From standard input, as a program would.
  const json = await nagare(['function', 'invoke', 'greet', '--json'], '{"name":"me"}');
  const { Payload: payload, LogResult: log } = JSON.parse(json.output) as {
    Payload: string;
    LogResult: string;
  };
  assert.equal(payload, '{"hello":"me"}');
  assert.match(log, /got me/);
  const failed = await nagare(['function', 'invoke', 'greet', '--payload', '{"name":"bad"}']);
  assert.equal(failed.code, 1);
  assert.match(
    failed.errors,
    /^nagare: greet failed: .*\n {2}why: .*no such name.*\n {2}try: nagare function logs greet --since 5m\n$/,
  );
  const missing = await nagare(['function', 'invoke', 'none', '--payload', '{}']);
  assert.equal(missing.code, 4);
  assert.match(missing.errors, /try: nagare function ls/);
});
