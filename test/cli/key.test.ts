import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { storedRootKey } from '../../src/server/root-key.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

let server: TestServer;
let iam: IAMClient;

before(async () => {
  server = await startTestServer();
  iam = new IAMClient(clientOptions(server.endpoint));
});

after(async () => {
  iam.destroy();
  await server.close();
});

function key(...args: string[]) {
  return runCommand(['key', ...args, '--endpoint', server.endpoint]);
}

function printed(output: string): { accessKeyId: string; secretAccessKey: string } {
  const [, accessKeyId = ''] = /AWS_ACCESS_KEY_ID=(\S+)/.exec(output) ?? [];
  const [, secretAccessKey = ''] = /AWS_SECRET_ACCESS_KEY=(\S+)/.exec(output) ?? [];
  return { accessKeyId, secretAccessKey };
}

test('keys of a user are made, listed, disabled, enabled and deleted', async () => {
  const unknown = await key('create', 'ann');
  assert.equal(unknown.code, 4);
  assert.match(unknown.errors, /^nagare: there is no user ann\n {2}try: nagare key create ann --new-user\n$/);

  const made = await key('create', 'ann', '--new-user');
  assert.equal(made.code, 0, made.errors);
  const { accessKeyId, secretAccessKey } = printed(made.output);
  assert.match(accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.equal(secretAccessKey.length, 40);
  assert.match((await key('create', 'ann', '--new-user')).errors, /there is a user ann already/);

  const listed = await key('list', 'ann');
  assert.match(listed.output, new RegExp(`^${accessKeyId}\\tActive\\t\\S+Z\\tann\\n$`));
  assert.equal((await key('disable', accessKeyId)).output, `${accessKeyId} is disabled\n`);
  const line: unknown = JSON.parse((await key('list', '--ndjson')).output);
  assert.partialDeepStrictEqual(line, { userName: 'ann', accessKeyId, status: 'Inactive' });
  await key('enable', accessKeyId);
  assert.match((await key('list')).output, /\tActive\t/);
  assert.equal((await key('delete', accessKeyId, '--yes')).output, `${accessKeyId} is deleted\n`);
  assert.deepEqual(await key('list'), { code: 0, output: '', errors: '' });

  const gone = await key('disable', accessKeyId);
  assert.equal(gone.code, 4);
  assert.match(gone.errors, /^nagare: no user has the access key AKIA\w+\n {2}try: nagare key ls\n$/);
});

test('a key is rotated by a second one, and a third is refused', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'bob' }));
  const first: unknown = JSON.parse((await key('create', 'bob', '--json')).output);
  assert.ok(typeof first === 'object' && first !== null && 'accessKeyId' in first);
  const before = String(first.accessKeyId);
  const rotated = await key('rotate', before);
  const after = printed(rotated.output).accessKeyId;
  assert.notEqual(after, before);
  assert.match(rotated.output, new RegExp(`nagare key delete ${before}\n$`));
  const ids = (await key('list', 'bob')).output.match(/AKIA\w+/g)?.toSorted();
  assert.deepEqual(ids, [before, after].toSorted());
  const third = await key('rotate', before);
  assert.match(third.errors, /AccessKeysPerUser: 2\n {2}try: nagare key ls bob\n$/);
  assert.match((await key('rotate')).errors, /name an access key, or give --root/);
});

// A key may be wrong in two ways, and the user can do the same about both.
test('commands tell which credentials a server wants', async () => {
  const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  await using closed = await startTestServer({ rootKey });
  const args = ['key', 'create', 'ann', '--new-user', '--endpoint', closed.endpoint];
  const wrong = await runCommand(args, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wrong' });
  assert.equal(wrong.code, 6);
  assert.match(wrong.errors, /try: export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET\n$/);
  assert.match((await runCommand(args)).errors, /try: export AWS_ACCESS_KEY_ID/);
  const right = await runCommand(args, {
    AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
  });
  assert.equal(right.code, 0, right.errors);
});

test('the root key of a stopped server is replaced', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const onFolder = (...args: string[]) => runCommand(['key', ...args, '--data-dir', dataDir]);
  assert.match((await onFolder('rotate', '--root')).errors, /not a nagare data folder/);
  const first = printed((await onFolder('init')).output);
  const rotated = await onFolder('rotate', '--root');
  assert.equal(rotated.code, 0, rotated.errors);
  const second = printed(rotated.output);
  assert.notEqual(second.accessKeyId, first.accessKeyId);
  assert.deepEqual(await storedRootKey({ dataDir }), second);
  const held = await runCommand(['key', 'rotate', '--root', '--data-dir', server.dataDir]);
  assert.match(held.errors, /in use by another nagare process/);
});
