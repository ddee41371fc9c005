import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  GetAccountAuthorizationDetailsCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { runCommand } from '../../../support/command.ts';
import { startTestServer, temporaryFolder } from '../../../support/server.ts';

const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const credentials = {
  AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
  AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
};
const SECRET = 'a secret of a file without spaces'.replaceAll(' ', '-');
const ID = 'AKIAIOSFODNN7EXAMPLE';

const first = `
policies:
  write-orders:
    path: /team/
    description: Writes orders
    document:
      Version: '2012-10-17'
      Statement: [{ Effect: Allow, Action: 'kinesis:Put*', Resource: '*' }]
    tags: { team: sales }
groups:
  staff:
    attachedPolicies: [write-orders]
roles:
  consumer:
    assumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    attachedPolicies: ['arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole']
    maxSessionDuration: 7200
users:
  ann:
    path: /people/
    groups: [staff]
    permissionsBoundary: write-orders
    inlinePolicies:
      read: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 'kinesis:List*', Resource: '*' }] }
    accessKeys:
      ${ID}:
        secretAccessKey: { file: ann.secret }
`;

async function scene(t: TestContext) {
  const server = await startTestServer({ rootKey });
  t.after(() => server.close());
  const iam = new IAMClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: rootKey });
  t.after(() => iam.destroy());
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'ann.secret'), `${SECRET}\n`);
  const apply = async (content: string, ...args: string[]) => {
    const file = join(folder, 'nagare.yaml');
    await writeFile(file, content);
    return await runCommand(['apply', file, ...args, '--endpoint', server.endpoint], credentials);
  };
  const details = () => iam.send(new GetAccountAuthorizationDetailsCommand({}));
  return { server, iam, apply, details };
}

test('policies, groups, roles, users and their keys are created, left, changed and pruned', async (t) => {
  const { server, iam, apply, details } = await scene(t);
  const created = await apply(first);
  assert.equal(created.errors, '');
  assert.deepEqual(
    created.output.split('\n').filter((line) => line.startsWith('create')),
    [
      'create  policies.write-orders',
      'create  groups.staff',
      'create  roles.consumer',
      'create  users.ann',
      `create  users.ann.accessKeys.${ID}`,
    ],
  );
  assert.ok(!created.output.includes(SECRET));
  const arn = 'arn:aws:iam::000000000000:policy/team/write-orders';
  const {
    UserDetailList: [ann] = [],
    GroupDetailList: [staff] = [],
    RoleDetailList: [role] = [],
  } = await details();
  assert.equal(ann?.Arn, 'arn:aws:iam::000000000000:user/people/ann');
  assert.deepEqual(ann.GroupList, ['staff']);
  assert.equal(ann.PermissionsBoundary?.PermissionsBoundaryArn, arn);
  assert.equal(ann.UserPolicyList?.[0]?.PolicyName, 'read');
  assert.equal(staff?.AttachedManagedPolicies?.[0]?.PolicyArn, arn);
  assert.equal(role?.AttachedManagedPolicies?.[0]?.PolicyName, 'AWSLambdaKinesisExecutionRole');

  const asAnn = { accessKeyId: ID, secretAccessKey: SECRET };
  const kinesis = new KinesisClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: asAnn });
  t.after(() => kinesis.destroy());
  // Known, whatever its policies allow.
  const answer = await kinesis.send(new ListStreamsCommand({})).catch((error: Error) => error);
  assert.ok(!(answer instanceof Error) || answer.name !== 'UnrecognizedClientException');

  assert.equal((await apply(first)).output, '5 unchanged\n');
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'other', PolicyDocument: trustAll('kinesis:*') }),
  );
  const changed = await apply(
    first
      .replace('kinesis:Put*', 'kinesis:PutRecord')
      .replace('groups: [staff]', 'groups: []')
      .replace('7200', '3600'),
  );
  assert.deepEqual(changed.output.split('\n').slice(0, 3), [
    'change  policies.write-orders (version v1 -> v2)',
    'change  roles.consumer (description and maxSessionDuration 7200 s -> 3600 s)',
    'change  users.ann (groups ["staff"] -> [], inlinePolicies ["read","other"] -> ["read"])',
  ]);
  const { UserDetailList: [after] = [], Policies: [policy] = [] } = await details();
  assert.deepEqual([after?.GroupList, after?.UserPolicyList?.length], [[], 1]);
  assert.deepEqual([policy?.DefaultVersionId, policy?.PolicyVersionList?.length], ['v2', 2]);

  const pruned = await apply('streams: {}', '--prune');
  assert.equal(pruned.errors, '');
  const left = await details();
  assert.deepEqual(
    [left.UserDetailList, left.GroupDetailList, left.RoleDetailList, left.Policies],
    [[], [], [], []],
  );
  await assert.rejects(kinesis.send(new ListStreamsCommand({})), { name: 'UnrecognizedClientException' });
});

function trustAll(action: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  });
}

test('what a declaration gets wrong is refused with its line, before anything is changed', async (t) => {
  const { apply, details } = await scene(t);
  const { code, errors } = await apply(`
groups:
  staff: {}
users:
  ann:
    groups: [nobody]
  bob:
    attachedPolicies: [absent]
    accessKeys:
      short: { secretAccessKey: { file: ann.secret } }
      ${ID}: { secretAccessKey: { environment: NOT_SET_ANYWHERE } }
policies:
  wrong:
    document: { Version: '2012-10-17', Statement: [{ Effect: Perhaps, Action: '*', Resource: '*' }] }
  useless:
    document: { Version: '2012-10-17', Statement: [{ Effect: Allow, Resource: '*' }] }
`);
  assert.equal(code, 1);
  for (const line of [
    /nagare.yaml:5: users\.ann: there is no group nobody: declare it in the section groups/,
    /nagare.yaml:7: users\.bob: there is no policy absent/,
    /nagare.yaml:10: users\.bob\.accessKeys\.short: an access key ID has 16 to 128 capitals and digits/,
    /nagare.yaml:11: \S+: the environment variable NOT_SET_ANYWHERE is not set/,
    /nagare.yaml:14: policies\.wrong\.document\.Statement\.0\.Effect must be one of Allow, Deny/,
    /nagare.yaml:15: policies\.useless: .*Action/i,
  ]) {
    assert.match(errors, line);
  }
  assert.deepEqual((await details()).GroupDetailList, []);
});

test('the secret of a declared key is changed with its file, and its other keys count', async (t) => {
  const { iam, apply } = await scene(t);
  const declared = (secret: string) => `
users:
  ann:
    accessKeys:
      ${ID}: { secretAccessKey: { file: ${secret} } }
`;
  const [one, other] = ['first-secret-of-ann', 'second-secret-of-ann'];
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'one'), one);
  await writeFile(join(folder, 'other'), other);
  assert.match((await apply(declared(join(folder, 'one')))).output, /create {2}users\.ann\.accessKeys/);
  const changed = await apply(declared(join(folder, 'other')));
  assert.equal(changed.output, `change  users.ann.accessKeys.${ID} (secretAccessKey)\n1 unchanged\n`);
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'ann' }));
  assert.deepEqual(
    AccessKeyMetadata?.map(({ AccessKeyId, Status }) => [AccessKeyId, Status]),
    [[ID, 'Active']],
  );
  await writeFile(join(folder, 'other'), 'short');
  const short = await apply(declared(join(folder, 'other')));
  assert.match(short.errors, /must have a secret of 16 to 128 characters/);
  assert.ok(!short.errors.includes('short\n'));
});
