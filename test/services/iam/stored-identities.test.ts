import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { runCommand } from '../../support/command.ts';
import { startTestServer, temporaryFolder } from '../../support/server.ts';

const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const USERS = 20;

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function iamOf(endpoint: string): IAMClient {
  return new IAMClient({ endpoint, region: 'us-east-1', credentials: rootKey });
}

/** Users with a key each. */
async function makeUsers(endpoint: string): Promise<Key[]> {
  const iam = iamOf(endpoint);
  const keys: Key[] = [];
  for (let n = 0; n < USERS; n++) {
    const UserName = `user-${n}.`;
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    keys.push({ accessKeyId, secretAccessKey });
  }
  iam.destroy();
  return keys;
}

async function userNames(endpoint: string): Promise<string[]> {
  const iam = iamOf(endpoint);
  const { Users = [] } = await iam.send(new ListUsersCommand({}));
  iam.destroy();
  return Users.map(({ UserName = '' }) => UserName);
}

/** Which of the keys a server accepts. */
async function accepted(endpoint: string, keys: readonly Key[]): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const credentials of keys) {
    const kinesis = new KinesisClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const answer = kinesis.send(new ListStreamsCommand({})).then(
      () => true,
      (error: unknown) => !(error instanceof Error && error.name === 'UnrecognizedClientException'),
    );
    results.push(await answer);
    kinesis.destroy();
  }
  return results;
}

test('a backup of a running server has its users, and their keys are accepted', async () => {
  await using server = await startTestServer({ rootKey });
  const keys = await makeUsers(server.endpoint);
  const target = join(await temporaryFolder(), 'backup');
  const { code, errors } = await runCommand(
    ['backup', target, '--data-dir', server.dataDir, '--endpoint', server.endpoint],
    { AWS_ACCESS_KEY_ID: rootKey.accessKeyId, AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey },
  );
  assert.equal(code, 0, errors);
  const verified = await runCommand(['verify', '--data-dir', target]);
  assert.equal(verified.code, 0, verified.output);
  await using restored = await startTestServer({ rootKey, dataDir: target });
  assert.equal((await userNames(restored.endpoint)).length, USERS);
  assert.deepEqual(
    await accepted(restored.endpoint, keys),
    keys.map(() => true),
  );
});

test('a damaged row of a user is found, and repaired with the others kept', async () => {
  const server = await startTestServer({ rootKey });
  const { dataDir } = server;
  const keys = await makeUsers(server.endpoint);
  await server.stop();
  const [name = ''] = await readdir(join(dataDir, 'engine', 'segments'));
  const segment = join(dataDir, 'engine', 'segments', name);
  const bytes = await readFile(segment);
  const at = bytes.indexOf('user-12.');
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  await writeFile(segment, bytes);

  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(verified.code, 1);
  assert.match(verified.output, /^checksum mismatch in the head of a commit: engine\/segments\//);
  const repaired = await runCommand(['repair', '--data-dir', dataDir]);
  assert.equal(repaired.code, 0, repaired.errors);
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 0);
  await using again = await startTestServer({ rootKey, dataDir });
  const names = await userNames(again.endpoint);
  assert.equal(names.length, USERS - 1);
  assert.ok(!names.includes('user-12.'));
  // A key without its user is not accepted.
  assert.deepEqual(
    await accepted(again.endpoint, keys),
    keys.map((_, index) => index !== 12),
  );
});
