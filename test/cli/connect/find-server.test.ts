import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findServer, type WhereFlags } from '../../../src/cli/connect/find-server.ts';
import { parseSections } from '../../../src/cli/connect/profiles.ts';
import { serviceUrl } from '../../../src/cli/connect/service-url.ts';
import { writeContexts } from '../../../src/cli/connect/contexts.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const own = { isGiven: false, url: () => Promise.resolve('http://127.0.0.1:4566') };

/** A home with these files of the AWS CLI. */
async function home(config: string, credentials = ''): Promise<Record<string, string>> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, '.aws'));
  await writeFile(join(folder, '.aws/config'), config);
  await writeFile(join(folder, '.aws/credentials'), credentials);
  return { HOME: folder };
}

const find = (environment: Record<string, string>, flags: WhereFlags = {}, ownEndpoint = own) =>
  findServer(flags, { environment, workingFolder: '/' }, ownEndpoint);

test('without anything it is the server of the settings, with any keys', async () => {
  assert.deepEqual(await find({}), {
    endpoint: 'http://127.0.0.1:4566',
    region: 'us-east-1',
    credentials: { accessKeyId: 'nagare', secretAccessKey: 'nagare' },
  });
});

test('the environment and the default profile are read as by the AWS CLI', async () => {
  const files = await home(
    '[default]\nregion = eu-west-1\nendpoint_url = http://10.0.0.1:1\n',
    '[default]\naws_access_key_id = A\naws_secret_access_key = S\naws_session_token = T\n',
  );
  assert.deepEqual(await find(files), {
    endpoint: 'http://10.0.0.1:1',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' },
  });
  const environment = {
    ...files,
    AWS_ENDPOINT_URL: 'http://10.0.0.2:2',
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'B',
    AWS_SECRET_ACCESS_KEY: 'U',
  };
  assert.deepEqual(await find(environment), {
    endpoint: 'http://10.0.0.2:2',
    region: 'us-west-2',
    credentials: { accessKeyId: 'B', secretAccessKey: 'U' },
  });
  const flags = { endpointUrl: 'http://10.0.0.3:3', region: 'ap-south-1' };
  const { endpoint, region } = await find(environment, flags);
  assert.deepEqual([endpoint, region], ['http://10.0.0.3:3', 'ap-south-1']);
});

test('a named profile without an endpoint means AWS, where each service has its own', async () => {
  const files = await home(
    '[profile prod]\nregion = eu-west-1\n',
    '[prod]\naws_access_key_id=A\naws_secret_access_key=S\n',
  );
  const found = await find(files, { profile: 'prod' });
  assert.equal(found.endpoint, undefined);
  assert.equal(serviceUrl(found, 'kinesis', '/').href, 'https://kinesis.eu-west-1.amazonaws.com/');
  assert.throws(() => serviceUrl(found, 'listlog', '/'), /needs a server of nagare/);
  // A port that is given means the server.
  const local = await find(files, { profile: 'prod' }, { ...own, isGiven: true });
  assert.equal(local.endpoint, 'http://127.0.0.1:4566');
});

test('a profile may have an endpoint for one service, and a program that makes its keys', async () => {
  const json = JSON.stringify({ Version: 1, AccessKeyId: 'P', SecretAccessKey: 'Q' });
  const files = await home(
    `[profile own]\nservices = local\ncredential_process = echo '${json}'\n[services local]\nkinesis =\n  endpoint_url = http://10.0.0.4:4\n`,
  );
  const { endpoint, credentials } = await find(files, { profile: 'own' });
  assert.deepEqual(
    [endpoint, credentials],
    ['http://10.0.0.4:4', { accessKeyId: 'P', secretAccessKey: 'Q' }],
  );
});

test('keys that need tools of AWS are refused by name, with the command that helps', async () => {
  const files = await home('[profile role]\nrole_arn = arn:aws:iam::1:role/r\n');
  await assert.rejects(find(files, { profile: 'role' }), {
    exitCode: 6,
    why: "it gets its keys by role_arn, which needs AWS's own tools",
    remedy: 'eval "$(aws configure export-credentials --profile role --format env)"',
  });
  await assert.rejects(find(files, { profile: 'none' }), {
    exitCode: 4,
    message: 'there is no profile none',
  });
  await assert.rejects(find({}, { endpointUrl: 'aws' }), { exitCode: 6 });
});

test('the current context gives what flags and environment do not', async () => {
  const files = await home(
    '[profile p]\nregion = eu-west-1\n',
    '[p]\naws_access_key_id=A\naws_secret_access_key=S\n',
  );
  await writeContexts(files, {
    current: 'staging',
    contexts: {
      staging: { endpointUrl: 'https://nagare.example', profile: 'p' },
      other: { endpointUrl: 'http://10.0.0.5:5' },
    },
  });
  const { endpoint, region, credentials } = await find(files);
  assert.deepEqual([endpoint, region, credentials.accessKeyId], ['https://nagare.example', 'eu-west-1', 'A']);
  assert.equal(
    (await find({ ...files, AWS_ENDPOINT_URL: 'http://10.0.0.2:2' })).endpoint,
    'http://10.0.0.2:2',
  );
  assert.equal((await find(files, { context: 'other' })).endpoint, 'http://10.0.0.5:5');
  await assert.rejects(find(files, { context: 'none' }), { exitCode: 4 });
});

test('comments, quotes and blanks of the files are as botocore takes them', () => {
  const sections = parseSections('# c\n[ profile  "a b" ]\nRegion=x # y\n; c\nkey = 1\n');
  assert.deepEqual(
    [...(sections.get('profile a b') ?? [])],
    [
      ['region', 'x # y'],
      ['key', '1'],
    ],
  );
});
