import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type Credentials,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';

const ACCOUNT = '000000000000';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' },
});

interface Scene {
  readonly server: TestServer;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  /** A client that signs with other credentials. */
  as(
    credentials:
      | Credentials
      | { AccessKeyId?: string | undefined; SecretAccessKey?: string | undefined }
      | undefined,
  ): STSClient;
  [Symbol.asyncDispose](): Promise<void>;
}

async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const options = clientOptions(server.endpoint);
  const iam = new IAMClient(options);
  const sts = new STSClient(options);
  return {
    server,
    iam,
    sts,
    as(given) {
      const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = given ?? {};
      const sessionToken = given !== undefined && 'SessionToken' in given ? given.SessionToken : undefined;
      const credentials = {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
      };
      return new STSClient({ ...options, credentials });
    },
    async [Symbol.asyncDispose]() {
      iam.destroy();
      sts.destroy();
      await server.close();
    },
  };
}

async function arnOf(sts: STSClient): Promise<string | undefined> {
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
}

function named(name: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Error && error.name.startsWith(name) && message.test(error.message);
}

test('the caller is the user of a key that IAM has, with any other key the account', async () => {
  await using scene = await openScene();
  const { iam, sts } = scene;
  const root = await sts.send(new GetCallerIdentityCommand({}));
  assert.deepEqual([root.Account, root.Arn, root.UserId], [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`, ACCOUNT]);
  const { User: user } = await iam.send(new CreateUserCommand({ UserName: 'ann', Path: '/team/' }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const ann = scene.as(key);
  const caller = await ann.send(new GetCallerIdentityCommand({}));
  assert.deepEqual([caller.Arn, caller.UserId], [`arn:aws:iam::${ACCOUNT}:user/team/ann`, user?.UserId]);
  const { Account } = await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: key?.AccessKeyId }));
  assert.equal(Account, ACCOUNT);
  // IAM knows the user of a key as well.
  const credentials = { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
  const iamOfAnn = new IAMClient({ ...clientOptions(scene.server.endpoint), credentials });
  assert.equal((await iamOfAnn.send(new GetUserCommand({}))).User?.UserName, 'ann');
  const session = await ann.send(new GetSessionTokenCommand({}));
  assert.equal(await arnOf(scene.as(session.Credentials)), `arn:aws:iam::${ACCOUNT}:user/team/ann`);
  await assert.rejects(
    scene.as(session.Credentials).send(new GetSessionTokenCommand({})),
    named('AccessDenied', /session credentials/),
  );
});

test('a session of a role is known by its token, also after a restart, and not by a foreign one', async () => {
  await using scene = await openScene();
  const { iam, sts, server } = scene;
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'handler', Path: '/a/', AssumeRolePolicyDocument: trust }),
  );
  const input = { RoleArn: role?.Arn, RoleSessionName: 'one', SourceIdentity: 'ann' };
  const beforeMs = Date.now();
  const made = await sts.send(new AssumeRoleCommand(input));
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/handler/one`;
  assert.deepEqual(made.AssumedRoleUser, { AssumedRoleId: `${role?.RoleId}:one`, Arn: arn });
  assert.match(made.Credentials?.AccessKeyId ?? '', /^ASIA[A-Z2-7]{16}$/);
  const lifeMs = (made.Credentials?.Expiration?.getTime() ?? 0) - beforeMs;
  assert.ok(Math.abs(lifeMs - 3_600_000) < 60_000, `${lifeMs}`);
  await server.restart();
  const session = scene.as(made.Credentials);
  assert.equal(await arnOf(session), arn);
  const next = await session.send(
    new AssumeRoleCommand({ ...input, RoleSessionName: 'two', SourceIdentity: undefined }),
  );
  assert.equal(next.SourceIdentity, 'ann');
  const mixed = { ...made.Credentials, SessionToken: next.Credentials?.SessionToken };
  assert.equal(await arnOf(scene.as(mixed as Credentials)), `arn:aws:iam::${ACCOUNT}:root`);
});

test('AssumeRole refuses what AWS refuses', async () => {
  await using scene = await openScene();
  const { iam, sts } = scene;
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'handler', AssumeRolePolicyDocument: trust }),
  );
  const assume = (more: Partial<AssumeRoleCommandInput>) =>
    sts.send(new AssumeRoleCommand({ RoleArn: role?.Arn, RoleSessionName: 'one', ...more }));
  const other = `arn:aws:iam::${ACCOUNT}:role/other`;
  await assert.rejects(
    assume({ RoleArn: other }),
    named(
      'AccessDenied',
      /^User: arn:aws:iam::000000000000:root is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role\/other$/,
    ),
  );
  await assert.rejects(assume({ DurationSeconds: 7200 }), named('ValidationError', /MaxSessionDuration/));
  await iam.send(new UpdateRoleCommand({ RoleName: 'handler', MaxSessionDuration: 7200 }));
  const chained = scene.as((await assume({ DurationSeconds: 7200 })).Credentials);
  await assert.rejects(
    chained.send(
      new AssumeRoleCommand({ RoleArn: role?.Arn, RoleSessionName: 'two', DurationSeconds: 7200 }),
    ),
    named('ValidationError', /role chaining/),
  );
  await assert.rejects(
    assume({ Policy: '{}' }),
    named('MalformedPolicyDocument', /^Syntax errors in policy\.$/),
  );
  await assert.rejects(
    assume({ PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/NoSuchPolicy' }] }),
    named('ValidationError', /does not exist/),
  );
  await assert.rejects(
    assume({
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'A', Value: '2' },
      ],
    }),
    named('ValidationError', /Duplicate tag keys/),
  );
  await assert.rejects(
    assume({ TransitiveTagKeys: ['a'] }),
    named('ValidationError', /transitive tag key a/),
  );
  await assert.rejects(
    assume({ SerialNumber: 'arn:aws:iam::000000000000:mfa/ann' }),
    named('ValidationError', /nagare does not support SerialNumber/),
  );
  await assert.rejects(
    assume({ MinimumSessionTokenSize: 4_096 }),
    named('ValidationError', /nagare does not support MinimumSessionTokenSize/),
  );
  await assume({ MinimumSessionTokenSize: 0 });
});

test('if signatures are verified, the caller is who signed, whatever a session token claims', async () => {
  const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  await using server = await startTestServer({ rootKey });
  const options = { ...clientOptions(server.endpoint), credentials: rootKey };
  const sts = new STSClient(options);
  assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, `arn:aws:iam::${ACCOUNT}:root`);
  const iam = new IAMClient(options);
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  assert.ok(key?.AccessKeyId !== undefined && key.SecretAccessKey !== undefined);
  const credentials = { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
  const ann = await new STSClient({ ...options, credentials }).send(new GetCallerIdentityCommand({}));
  assert.equal(ann.Arn, `arn:aws:iam::${ACCOUNT}:user/ann`);
  const session = { ...rootKey, sessionToken: 'invented' };
  const { Arn: arn } = await new STSClient({ ...options, credentials: session })
    .send(new GetCallerIdentityCommand({}))
    .catch((error: Error) => ({ Arn: error.name }));
  assert.ok(arn === `arn:aws:iam::${ACCOUNT}:root` || arn === 'InvalidClientTokenId', arn);
});
