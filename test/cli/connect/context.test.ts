import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { startTestServer } from '../../support/server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { version } from '../../../src/support/version.ts';

test('contexts are added, used, listed and forgotten', async () => {
  await using server = await startTestServer();
  const environment = { HOME: await temporaryFolder() };
  const nagare = (...args: string[]) => runCommand(args, environment);
  assert.equal((await nagare('context', 'add', 'here')).code, 2);
  await nagare('context', 'add', 'here', '--endpoint-url', server.endpoint, '--use');
  await nagare(
    'context',
    'add',
    'cloud',
    '--endpoint-url',
    'aws',
    '--profile',
    'prod',
    '--region',
    'eu-west-1',
  );
  assert.equal(
    (await nagare('context', 'ls')).output,
    `*\there\t${server.endpoint}\t-\t-\n \tcloud\taws\teu-west-1\tprod\n`,
  );
  // The current one is called.
  assert.equal((await nagare('stream', 'ls')).code, 0);
  const { output } = await nagare('version', '--json');
  assert.deepEqual(JSON.parse(output), {
    nagare: version(),
    node: process.versions.node,
    server: version(),
    endpoint: server.endpoint,
  });
  assert.equal((await nagare('context', 'use', '-')).code, 0);
  assert.equal((await nagare('context', 'rm', 'here')).output, 'here is forgotten\n');
  assert.equal((await nagare('context', 'use', 'here')).code, 4);
});

test('env prints what other tools need, and never a secret of the user', async () => {
  const flags = ['--endpoint-url', "http://127.0.0.1:1/it's"];
  const sh = await runCommand(['env', ...flags]);
  assert.equal(
    sh.output,
    `export AWS_ENDPOINT_URL='http://127.0.0.1:1/it'\\''s'
export AWS_REGION='us-east-1'
export AWS_DEFAULT_REGION='us-east-1'
export AWS_ACCESS_KEY_ID='nagare'
export AWS_SECRET_ACCESS_KEY='nagare'
`,
  );
  const own = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'very-secret' };
  const json = await runCommand(['env', ...flags, '--json'], own);
  assert.doesNotMatch(json.output, /very-secret/);
  const fish = await runCommand(['env', ...flags, '--shell', 'fish']);
  assert.match(fish.output, /^set -gx AWS_ENDPOINT_URL 'http:\/\/127\.0\.0\.1:1\/it\\'s'$/m);
});
