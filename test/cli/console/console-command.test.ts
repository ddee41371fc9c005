import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { allow, openScene, type Scene } from '../../auth/authorization/scene.ts';
import { ROOT } from '../../auth/signature/signer.ts';
import { ConsoleClient } from '../../console/client.ts';
import { runCommand } from '../../support/command.ts';
import { startTestServer, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

function environmentOf(endpoint: string, keys = ROOT): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

/** Of a link that logs in. */
function tokenIn(link: string): string {
  return /#\/login\?token=([\w-]{43})$/.exec(link)?.[1] ?? '';
}

test('console prints where the console is, and opens it', async () => {
  await using server = await startTestServer({ console: 'read-only' });
  const folder = await temporaryFolder();
  const browser = join(folder, 'browser');
  await writeFile(browser, `#!/bin/sh\necho "$1" > ${join(folder, 'opened')}\n`);
  await chmod(browser, 0o755);
  const url = `${server.endpoint}/_nagare/console/`;
  const environment = { ...environmentOf(server.endpoint), BROWSER: browser };

  assert.equal((await runCommand(['console'], environment)).output.trim(), url);
  const { output } = await runCommand(['console', '--open', '--json'], environment);
  assert.deepEqual(JSON.parse(output), { Url: url, Mode: 'read-only', LoginRequired: false });
  const opened = await until(() => readFile(join(folder, 'opened'), 'utf8').catch(() => undefined));
  assert.equal(opened.trim(), url);

  const without = await runCommand(['console', '--open'], { ...environment, BROWSER: join(folder, 'none') });
  assert.equal(without.code, 1);
  assert.match(without.errors, /cannot start .*none\n.*why: .*\n.*try: open the printed address/);
  // Where nobody logs in, the link is the address.
  assert.equal((await runCommand(['console', 'login'], environment)).output.trim(), url);
});

test('console says that the console is off', async () => {
  await using server = await startTestServer({ console: 'off' });
  const { code, errors } = await runCommand(['console'], environmentOf(server.endpoint));
  assert.equal(code, 4);
  assert.match(errors, /there is no console at .*\n.*--console off/);
});

describe('console login', () => {
  let scene: Scene;
  let endpoint: string;

  before(async () => {
    scene = await openScene();
    ({ endpoint } = scene.server);
  });
  after(() => scene[Symbol.asyncDispose]());

  async function linkFor(keys = ROOT): Promise<string> {
    const { code, output, errors } = await runCommand(['console', 'login'], environmentOf(endpoint, keys));
    assert.equal(code, 0, errors);
    return output.trim();
  }

  async function logIn(token: string): Promise<{ readonly status: number; readonly console: ConsoleClient }> {
    const console = new ConsoleClient(endpoint);
    const response = await console.fetch('login', { method: 'POST', body: JSON.stringify({ token }) });
    console.cookie = response.headers.get('set-cookie')?.split(';')[0];
    return { status: response.status, console };
  }

  test('prints a link that logs in once, as the user of the key', async () => {
    // Who has the key can log in with it: no permission is needed.
    const { credentials } = await scene.user('visitor', allow('kinesis:ListStreams'));
    const token = tokenIn(await linkFor(credentials));
    assert.equal((await logIn('x'.repeat(43))).status, 403);
    const { status, console } = await logIn(token);
    assert.equal(status, 200);
    const { content } = await console.get('session');
    assert.match(String(content['who']), /user\/visitor$/);
    assert.equal((await logIn(token)).status, 403, 'it works once');
  });

  test('is for those who have a key', async () => {
    const wrong = { ...ROOT, secretAccessKey: 'wrong' };
    const { code, errors } = await runCommand(['console', 'login'], environmentOf(endpoint, wrong));
    assert.equal(code, 6, errors);
    const unsigned = await fetch(`${endpoint}/_nagare/console-login`, {
      method: 'POST',
      headers: { 'x-nagare-command': 'console-login' },
    });
    assert.equal(unsigned.status, 403);
  });
});
