import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { allow, openScene, type Scene } from '../auth/authorization/scene.ts';
import { ROOT } from '../auth/signature/signer.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { ConsoleClient } from './client.ts';

describe('the login of the console', () => {
  let scene: Scene;
  let endpoint: string;
  let folder: string;
  let auditFile: string;

  before(async () => {
    folder = await temporaryFolder();
    auditFile = join(folder, 'audit.log');
    scene = await openScene({
      audit: { file: auditFile, fileBytesMax: 1e9, filesMax: 2, data: 'none', required: false },
    });
    ({ endpoint } = scene.server);
    const kinesis = new KinesisClient(scene.root);
    await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    kinesis.destroy();
  });
  after(async () => {
    await scene[Symbol.asyncDispose]();
    await removeFolder(folder);
  });

  async function loggedIn(accessKeyId: string, secretAccessKey: string): Promise<ConsoleClient> {
    const console = new ConsoleClient(endpoint);
    assert.equal((await console.login(accessKeyId, secretAccessKey)).status, 200);
    return console;
  }

  test('without it there is nothing to see', async () => {
    const console = new ConsoleClient(endpoint);
    for (const path of ['streams', 'events', 'record?stream=orders&shard=x&seq=1']) {
      assert.equal((await console.fetch(path)).status, 401, path);
    }
    assert.equal((await console.post('call/kinesis/ListStreams', {})).status, 401);
    const { content } = await console.get('session');
    assert.equal(content['isLoggedIn'], false);
    assert.equal(content['version'], undefined);
  });

  test('a wrong secret or an unknown key is refused in the same words', async () => {
    const console = new ConsoleClient(endpoint);
    const answers = await Promise.all([
      console.post('login', { accessKeyId: ROOT.accessKeyId, secretAccessKey: 'wrong' }),
      console.post('login', { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'wrong' }),
    ]);
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(answers[0].status, 403);
  });

  test('the cookie is out of reach of scripts and other sites, and changes need the token', async () => {
    const console = new ConsoleClient(endpoint);
    const { cookie } = await console.login(ROOT.accessKeyId, ROOT.secretAccessKey);
    assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
    const { csrf } = console;
    console.csrf = 'wrong';
    const refused = await console.post('call/kinesis/ListStreams', {});
    assert.deepEqual([refused.status, refused.content['code']], [403, 'WrongToken']);
    console.csrf = csrf;
    assert.deepEqual((await console.post('call/kinesis/ListStreams', {})).content['StreamNames'], ['orders']);
    assert.equal((await console.post('logout', {})).status, 200);
    assert.equal((await console.fetch('streams')).status, 401);
  });

  test('a user sees and does what the policies of the key allow', async () => {
    const { credentials } = await scene.user(
      'viewer',
      allow('kinesis:ListStreams'),
      allow('kinesis:DescribeStream'),
    );
    const console = await loggedIn(credentials.accessKeyId, credentials.secretAccessKey);
    assert.equal((await console.get('streams')).content['total'], 1);
    const deleted = await console.post('call/kinesis/DeleteStream', { StreamName: 'orders' });
    assert.equal(deleted.content['__type'], 'AccessDeniedException');
    await using events = await console.events();
    const { content } = await events.subscribe('a', {
      topic: 'records',
      stream: 'orders',
      from: 'oldest',
      follow: false,
    });
    assert.match(JSON.stringify(content), /kinesis:GetRecords/);
    for (const topic of ['activity', 'requests']) {
      const refused = await events.subscribe(topic, { topic });
      assert.match(JSON.stringify(refused.content), /nagare:ListActivity/);
    }
    const query = 'bucket=lake&key=secret.txt';
    assert.equal((await console.get(`object/head?${query}`)).status, 403);
    assert.equal((await console.get(`object/content?${query}`)).status, 403);
    assert.deepEqual((await events.subscribe('b', { topic: 'readers', stream: 'orders' })).content, {
      refused: {},
    });
  });

  test('a key that is deactivated ends its sessions', async () => {
    const { credentials } = await scene.user('leaver', allow('kinesis:*'));
    const console = await loggedIn(credentials.accessKeyId, credentials.secretAccessKey);
    assert.equal((await console.fetch('streams')).status, 200);
    await using events = await console.events();
    await events.subscribe('a', { topic: 'records', stream: 'orders', from: 'oldest' });
    await scene.iam.send(
      new UpdateAccessKeyCommand({
        UserName: 'leaver',
        AccessKeyId: credentials.accessKeyId,
        Status: 'Inactive',
      }),
    );
    // Also what is open: nothing else asks for the session here.
    await until(() => events.hasEnded);
    assert.equal((await console.fetch('streams')).status, 401);
  });

  test('a page stops when the policy for what it shows is taken away', async () => {
    const { credentials } = await scene.user('mover', allow('kinesis:*'));
    const console = await loggedIn(credentials.accessKeyId, credentials.secretAccessKey);
    await using events = await console.events();
    const tail = { topic: 'records', stream: 'orders', from: 'latest', follow: true };
    assert.deepEqual((await events.subscribe('a', tail)).content, { refused: {} });
    await events.subscribe('b', { topic: 'stream', stream: 'orders' });
    await scene.putPolicy('mover', allow('kinesis:DescribeStream'));
    const ended = await events.first('a', ({ ended: how }) => how);
    assert.match(JSON.stringify(ended), /"reason":"failed".*kinesis:GetRecords/);
    assert.ok(events.of('b').every(({ ended: how }) => how === undefined));
  });

  test('the audit log shows what was done, under the identity of the key', async () => {
    const { credentials } = await scene.user('maker', allow('kinesis:CreateStream'));
    const console = await loggedIn(credentials.accessKeyId, credentials.secretAccessKey);
    const input = { StreamName: 'made-in-the-console', ShardCount: 1 };
    assert.equal((await console.post('call/kinesis/CreateStream', input)).status, 200);
    const record = await until(async () => {
      const lines = (await readFile(auditFile, 'utf8')).trim().split('\n');
      return lines.find((line) => line.includes('made-in-the-console'));
    });
    const { eventName, userIdentity } = JSON.parse(record) as {
      eventName: string;
      userIdentity: { arn: string };
    };
    assert.equal(eventName, 'CreateStream');
    assert.match(userIdentity.arn, /user\/maker$/);
  });

  test('nobody subscribes to the event stream of somebody else', async () => {
    const root = await loggedIn(ROOT.accessKeyId, ROOT.secretAccessKey);
    await using events = await root.events();
    const { credentials } = await scene.user('other', allow('kinesis:*'));
    const other = await loggedIn(credentials.accessKeyId, credentials.secretAccessKey);
    assert.equal((await other.post(`events/${events.id}`, { open: {} })).status, 404);
  });
});
