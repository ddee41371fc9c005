import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  RemoveUserFromGroupCommand,
  TagRoleCommand,
  TagUserCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetResourcePolicyCommand,
  KinesisClient,
  PutRecordCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-kinesis';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import {
  ACCOUNT,
  allow,
  type ClientOptions,
  deny,
  openScene,
  outcome,
  policy,
  said,
  type Scene,
} from './scene.ts';

const arn = (name: string): string => `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${name}`;
const userArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:user/${name}`;
const account = { AWS: `arn:aws:iam::${ACCOUNT}:root` };

let scene: Scene;
before(async () => {
  scene = await openScene();
  const root = new KinesisClient(scene.root);
  for (const StreamName of ['a', 'b', 'ann-a'])
    await root.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
});
after(() => scene[Symbol.asyncDispose]());

function put(options: ClientOptions, StreamName: string): Promise<string> {
  const command = new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') });
  return said(new KinesisClient(options).send(command));
}

function when(operator: string, key: string, value: string) {
  return { Condition: { [operator]: { [key]: value } } };
}

const noIdentity = /because no identity-based policy allows the kinesis:PutRecord action$/;

describe('a user', () => {
  it('has the policies of its groups and the managed ones, from the next request on', async () => {
    const { iam } = scene;
    const options = await scene.user('grouped');
    assert.match(await put(options, 'a'), noIdentity);
    await iam.send(new CreateGroupCommand({ GroupName: 'writers' }));
    const PolicyDocument = policy(allow('kinesis:PutRecord', arn('a')));
    await iam.send(new PutGroupPolicyCommand({ GroupName: 'writers', PolicyName: 'p', PolicyDocument }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'writers', UserName: 'grouped' }));
    assert.equal(await put(options, 'a'), 'ok');
    await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'writers', UserName: 'grouped' }));
    assert.match(await put(options, 'a'), noIdentity);
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'managed', PolicyDocument }));
    const PolicyArn = Policy?.Arn;
    await iam.send(new AttachUserPolicyCommand({ UserName: 'grouped', PolicyArn }));
    assert.equal(await put(options, 'a'), 'ok');
    const other = policy(allow('kinesis:PutRecord', arn('b')));
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: other, SetAsDefault: true }));
    assert.match(await put(options, 'a'), noIdentity);
    assert.equal(await put(options, 'b'), 'ok');
    const aws = 'arn:aws:iam::aws:policy/AmazonKinesisFullAccess';
    await iam.send(new AttachUserPolicyCommand({ UserName: 'grouped', PolicyArn: aws }));
    assert.equal(await put(options, 'a'), 'ok');
  });

  it('is limited by its permissions boundary', async () => {
    const options = await scene.user('bounded', allow('kinesis:*'));
    const PolicyDocument = policy(allow('kinesis:PutRecord', arn('a')), deny('kinesis:*', arn('ann-a')));
    const { Policy } = await scene.iam.send(new CreatePolicyCommand({ PolicyName: 'limit', PolicyDocument }));
    await scene.iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: Policy?.Arn }),
    );
    assert.equal(await put(options, 'a'), 'ok');
    assert.match(
      await put(options, 'b'),
      /because no permissions boundary allows the kinesis:PutRecord action$/,
    );
    assert.match(await put(options, 'ann-a'), /with an explicit deny in a permissions boundary$/);
  });

  it('has variables and tags of its own in policies', async () => {
    const mine = arn('${aws:username}-a');
    const tagged = { Condition: { StringEquals: { 'aws:PrincipalTag/stream': 'b' } } };
    const options = await scene.user(
      'ann',
      allow('kinesis:PutRecord', mine),
      allow('kinesis:PutRecord', arn('b'), tagged),
    );
    assert.equal(await put(options, 'ann-a'), 'ok');
    assert.match(await put(options, 'a'), noIdentity);
    assert.match(await put(options, 'b'), noIdentity);
    await scene.iam.send(new TagUserCommand({ UserName: 'ann', Tags: [{ Key: 'Stream', Value: 'b' }] }));
    assert.equal(await put(options, 'b'), 'ok');
  });

  it('is judged by where, how and when it calls', async () => {
    const conditions: readonly (readonly [name: string, condition: object, isAllowed: boolean])[] = [
      ['here', when('IpAddress', 'aws:SourceIp', '127.0.0.0/8'), true],
      ['elsewhere', when('IpAddress', 'aws:SourceIp', '203.0.113.0/24'), false],
      ['encrypted', when('Bool', 'aws:SecureTransport', 'true'), false],
      ['plain', when('Bool', 'aws:SecureTransport', 'false'), true],
      ['past', when('DateLessThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'), false],
      ['present', when('DateGreaterThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'), true],
      ['epoch', when('NumericGreaterThan', 'aws:EpochTime', '1000'), true],
      ['region', when('StringEquals', 'aws:RequestedRegion', 'us-east-1'), true],
      ['other-region', when('StringEquals', 'aws:RequestedRegion', 'eu-west-1'), false],
      ['sdk', when('StringLike', 'aws:UserAgent', 'aws-sdk-js/*'), true],
      ['arn', when('ArnLike', 'aws:PrincipalArn', userArn('when-arn')), true],
      ['account', when('StringEquals', 'aws:PrincipalAccount', ACCOUNT), true],
      ['type', when('StringEquals', 'aws:PrincipalType', 'User'), true],
      ['mfa', when('Bool', 'aws:MultiFactorAuthPresent', 'true'), false],
      ['unknown', when('StringEquals', 'aws:NoSuchKey', 'x'), false],
    ];
    for (const [name, condition, isAllowed] of conditions) {
      const options = await scene.user(`when-${name}`, allow('kinesis:PutRecord', '*', condition));
      assert.equal((await put(options, 'a')) === 'ok', isAllowed, name);
    }
  });
});

describe('a session of a role', () => {
  it('needs the trust of the role: with the external ID, and for the one whom it names', async () => {
    const trust = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: account,
      Condition: { StringEquals: { 'sts:ExternalId': 'unique' } },
    };
    const RoleArn = await scene.role('partner', trust);
    const caller = await scene.user('partner-user', allow('sts:AssumeRole', RoleArn));
    const assume = (options: ClientOptions, more = {}) =>
      outcome(
        new STSClient(options).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more })),
      );
    assert.deepEqual(await assume(caller), {
      code: 'AccessDenied',
      status: 403,
      message: `User: ${userArn('partner-user')} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn} because no role trust policy allows the sts:AssumeRole action`,
    });
    assert.equal(await assume(caller, { ExternalId: 'unique' }), 'ok');
    assert.notEqual(await assume(caller, { ExternalId: 'other' }), 'ok');
    // The account as principal leaves the decision to its policies.
    const stranger = await scene.user('stranger');
    const refused = await assume(stranger, { ExternalId: 'unique' });
    assert.ok(refused !== 'ok' && refused.message.includes('because no identity-based policy'));
    const named = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: userArn('stranger') } };
    await scene.iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: 'partner', PolicyDocument: policy(named) }),
    );
    assert.equal(await assume(stranger), 'ok');
    assert.notEqual(await assume(caller), 'ok');
    // Tags and a source identity need their own actions in the trust policy.
    assert.match(
      String(
        ((await assume(stranger, { Tags: [{ Key: 'k', Value: 'v' }] })) as { message?: string }).message,
      ),
      /sts:TagSession/,
    );
    const missing = await outcome(
      new STSClient(stranger).send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/none`, RoleSessionName: 'session' }),
      ),
    );
    assert.ok(missing !== 'ok' && missing.message.includes('sts:AssumeRole on resource'));
  });

  it('has what role, session policy and boundary all allow', async () => {
    const trust = { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Principal: account };
    const RoleArn = await scene.role('worker', trust, allow('kinesis:*', [arn('a'), arn('b')]));
    const caller = await scene.user('worker-user', allow('sts:*'));
    const whole = await scene.assume(caller, { RoleArn });
    assert.equal(await put(whole, 'a'), 'ok');
    assert.equal(await put(whole, 'b'), 'ok');
    assert.match(await put(whole, 'ann-a'), noIdentity);
    const limited = await scene.assume(caller, {
      RoleArn,
      Policy: policy(allow('kinesis:PutRecord', arn('a'))),
    });
    assert.equal(await put(limited, 'a'), 'ok');
    assert.match(await put(limited, 'b'), /because no session policy allows the kinesis:PutRecord action$/);
    const denying = policy(allow('*'), deny('kinesis:PutRecord', arn('b')));
    const denied = await scene.assume(caller, { RoleArn, Policy: denying });
    assert.match(await put(denied, 'b'), /with an explicit deny in a session policy$/);
    const PolicyDocument = policy(allow('kinesis:PutRecord', arn('b')));
    const { Policy: bound } = await scene.iam.send(
      new CreatePolicyCommand({ PolicyName: 'worker-limit', PolicyDocument }),
    );
    await scene.iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: 'worker', PermissionsBoundary: bound?.Arn }),
    );
    assert.match(await put(whole, 'a'), /because no permissions boundary allows/);
    assert.equal(await put(whole, 'b'), 'ok');
    const { Arn } = await new STSClient(whole).send(new GetCallerIdentityCommand({}));
    assert.equal(Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/worker/session`);
  });

  it('has the tags of the session before those of the role, and the role as its principal', async () => {
    const trust = { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Principal: account };
    const RoleArn = await scene.role(
      'tagged',
      trust,
      allow('kinesis:PutRecord', arn('${aws:PrincipalTag/stream}'), {
        Condition: { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/tagged` } },
      }),
    );
    await scene.iam.send(new TagRoleCommand({ RoleName: 'tagged', Tags: [{ Key: 'stream', Value: 'a' }] }));
    const caller = await scene.user('tagged-user', allow('sts:*'));
    const plain = await scene.assume(caller, { RoleArn });
    assert.equal(await put(plain, 'a'), 'ok');
    assert.match(await put(plain, 'b'), noIdentity);
    const tagged = await scene.assume(caller, { RoleArn, Tags: [{ Key: 'stream', Value: 'b' }] });
    assert.equal(await put(tagged, 'b'), 'ok');
    assert.match(await put(tagged, 'a'), noIdentity);
  });

  it('of GetSessionToken has the permissions of its user, without multi-factor authentication', async () => {
    const key = await scene.user(
      'session-user',
      allow('kinesis:*'),
      deny('kinesis:*', arn('b'), {
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
      }),
    );
    const { Credentials: made } = await new STSClient(key).send(new GetSessionTokenCommand({}));
    const session = scene.as({
      accessKeyId: made?.AccessKeyId ?? '',
      secretAccessKey: made?.SecretAccessKey ?? '',
      sessionToken: made?.SessionToken ?? '',
    });
    assert.equal(await put(session, 'a'), 'ok');
    assert.match(await put(session, 'b'), /with an explicit deny/);
    assert.equal(await put(key, 'b'), 'ok');
  });
});

describe('the policy of a resource', () => {
  it('allows within the account by itself, and denies whatever the caller has', async () => {
    const root = new KinesisClient(scene.root);
    const putStreamPolicy = (...statements: readonly object[]) =>
      root.send(new PutResourcePolicyCommand({ ResourceARN: arn('a'), Policy: policy(...statements) }));
    const [guest, owner] = [await scene.user('guest'), await scene.user('owner', allow('kinesis:*'))];
    assert.match(await put(guest, 'a'), noIdentity);
    await putStreamPolicy({ ...allow('kinesis:PutRecord', arn('a')), Principal: { AWS: userArn('guest') } });
    assert.equal(await put(guest, 'a'), 'ok');
    assert.match(await put(guest, 'b'), noIdentity);
    assert.match(
      await said(new KinesisClient(guest).send(new DescribeStreamSummaryCommand({ StreamName: 'a' }))),
      /kinesis:DescribeStreamSummary/,
    );
    await putStreamPolicy({ ...deny('kinesis:PutRecord', arn('a')), Principal: { AWS: userArn('owner') } });
    assert.match(await put(guest, 'a'), noIdentity);
    assert.match(await put(owner, 'a'), /with an explicit deny in a resource-based policy$/);
    // The account's root is not locked out.
    assert.equal(await put(scene.root, 'a'), 'ok');
    assert.equal(await said(root.send(new GetResourcePolicyCommand({ ResourceARN: arn('a') }))), 'ok');
  });
});
