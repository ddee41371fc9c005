/** The archive for a maintainer, as a running server makes it for the console and for `nagare support`. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { RecentChange } from '../../../src/audit/recent-changes.ts';
import { allow, openScene, type Scene } from '../../auth/authorization/scene.ts';
import { ROOT } from '../../auth/signature/signer.ts';
import { ConsoleClient } from '../../console/client.ts';
import { runCommand } from '../../support/command.ts';
import { declared } from '../../support/declarations.ts';
import { startTestServer } from '../../support/server.ts';
import { removeFolder, temporaryFolder } from '../../support/temporary-folder.ts';

const SECRETS = {
  root: ROOT.secretAccessKey,
  token: 'token-of-16-chars',
  variable: 'secret-of-the-function',
  data: 'the-data-itself',
  encoded: Buffer.from('the-data-itself').toString('base64'),
  key: 'the-key-itself',
};

interface Archive {
  readonly status: number;
  readonly text: string;
  readonly name: string;
}

async function downloaded(console: ConsoleClient, hidesNames: boolean): Promise<Archive> {
  const init = { method: 'POST', body: JSON.stringify({ hidesNames }) };
  const response = await console.fetch('call/nagare/GetSupportArchive', init);
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    text: (response.ok ? gunzipSync(bytes) : bytes).toString(),
    name: response.headers.get('content-disposition') ?? '',
  };
}

describe('the support archive of a server', () => {
  let scene: Scene;
  let folder: string;
  let root: ConsoleClient;

  before(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder, 'bill.mjs'), 'export const handler = () => {};');
    scene = await openScene({
      metricsToken: { token: SECRETS.token, file: '/t' },
      functionIsolation: 'off',
      declarations: declared({
        streams: { 'orders-of-acme': { shardCount: 1 } },
        functions: {
          'bill-of-acme': {
            path: join(folder, 'bill.mjs'),
            environment: { API_KEY: SECRETS.variable },
            eventSources: [{ stream: 'orders-of-acme' }],
          },
        },
      }),
    });
    const kinesis = new KinesisClient(scene.root);
    const record = { PartitionKey: SECRETS.key, Data: Buffer.from(SECRETS.data) };
    await kinesis.send(new PutRecordCommand({ StreamName: 'orders-of-acme', ...record }));
    kinesis.destroy();
    root = new ConsoleClient(scene.server.endpoint);
    await root.login(ROOT.accessKeyId, ROOT.secretAccessKey);
  });
  after(async () => {
    await scene[Symbol.asyncDispose]();
    await removeFolder(folder);
  });

  test('says what the server has, without secrets and data', async () => {
    const { status, text, name } = await downloaded(root, false);
    assert.equal(status, 200, text);
    assert.match(name, /^attachment; filename="nagare-support-[\dTZ-]+\.tar\.gz"$/);
    const found = Object.entries(SECRETS).filter(([, secret]) => text.includes(secret));
    assert.deepEqual(found, []);
    for (const part of ['machine', 'settings', 'doctor', 'health', 'streams', 'mappings']) {
      assert.ok(text.includes(`${part}.json\0`), part);
    }
    assert.doesNotMatch(text, /"failed"/);
    assert.match(text, /"StreamName": "orders-of-acme",\s+"StreamStatus": "ACTIVE"/);
    assert.match(text, /"Function": "bill-of-acme"/);
    assert.match(text, /nagare_kinesis_incoming_records_total\{stream="orders-of-acme"\} 1/);
    assert.match(text, /"hasRootKey": true/);
  });

  test('can leave names out, the same in all files', async () => {
    const { text } = await downloaded(root, true);
    assert.doesNotMatch(text, /acme/);
    const [, hash = ''] = /"StreamName": "([\da-f]{12})"/.exec(text) ?? [];
    assert.match(text, new RegExp(`incoming_records_total\\{stream="${hash}"\\} 1`));
  });

  test('is for those who may have it, and is in the activity, done or refused', async () => {
    const console = new ConsoleClient(scene.server.endpoint);
    const { credentials } = await scene.user('guest', allow('kinesis:*'));
    await console.login(credentials.accessKeyId, credentials.secretAccessKey);
    const refused = await downloaded(console, false);
    assert.deepEqual([refused.status, /nagare:GetSupportArchive/.test(refused.text)], [403, true]);
    const nagare = (key: typeof credentials) =>
      runCommand(
        ['support', '--output', `${key.accessKeyId}.tar.gz`, '--endpoint-url', scene.server.endpoint],
        { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey },
        { workingFolder: folder },
      );
    assert.match((await nagare(credentials)).errors, /this machine only: .*nagare:GetSupportArchive/);
    const { credentials: helper } = await scene.user('helper', allow('nagare:GetSupportArchive'));
    const made = await nagare(helper);
    assert.deepEqual([made.code, made.errors], [0, '']);
    await using events = await root.events();
    await events.subscribe('a', { topic: 'activity', filter: 'GetSupportArchive' });
    const { changes } = await events.firstWith<{ changes: RecentChange[] }>('a', 'changes');
    const of = (who: string) => changes.filter((one) => one.who.endsWith(who));
    assert.deepEqual(
      of('user/guest').map(({ via, error }) => [via, error?.code]),
      [['console', 'AccessDenied']],
    );
    assert.deepEqual(
      of('user/helper').map(({ via, error }) => [via, error]),
      [['API', undefined]],
    );
  });
});

test('a page of another site cannot ask for a support archive', async () => {
  await using server = await startTestServer();
  const init = { method: 'POST', body: '{"hidesNames":false}' };
  assert.equal((await fetch(`${server.endpoint}/_nagare/support`, init)).status, 403);
});
