import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { SessionTokens } from '../../../src/auth/keys/session-tokens.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ROOT } from '../signature/signer.ts';
import { keyStore } from '../../../src/engine/key-store.ts';

const ACCOUNT = '000000000000';

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

let server: TestServer;
let iam: IAMClient;

before(async () => {
  server = await startTestServer({ rootKey: ROOT });
  iam = new IAMClient(optionsWith(ROOT));
});
after(() => server.close());

function optionsWith(credentials: Key) {
  return { endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
}

/** A user that may do everything, and a key of theirs. */
async function newUser(UserName: string): Promise<Key> {
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName,
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
      }),
    }),
  );
  return await newKey(UserName);
}

async function newKey(UserName: string): Promise<Key> {
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
}

function keyOf(credentials: Credentials | undefined): Required<Key> {
  return {
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
  };
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: Error) => error.name,
  );
}

/** The codes that each protocol answers to a key: JSON, query, S3. */
async function answersTo(key: Key): Promise<string[]> {
  const s3 = new S3Client({ ...optionsWith(key), forcePathStyle: true });
  return [
    await codeOf(new KinesisClient(optionsWith(key)).send(new ListStreamsCommand({}))),
    await codeOf(new STSClient(optionsWith(key)).send(new GetCallerIdentityCommand({}))),
    await codeOf(s3.send(new ListBucketsCommand({}))),
  ];
}

const UNKNOWN = ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId'];
const WRONG_TOKEN = ['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidToken'];

async function newRole(RoleName: string): Promise<string> {
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: 'sts:AssumeRole',
        },
      }),
    }),
  );
  return Role?.Arn ?? '';
}

describe('access keys of users', () => {
  it('are accepted, and refused at once when they are disabled or deleted', async () => {
    const UserName = 'switching';
    const key = await newUser(UserName);
    assert.deepEqual(await answersTo(key), ['ok', 'ok', 'ok']);
    const identity = await new STSClient(optionsWith(key)).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Arn, `arn:aws:iam::${ACCOUNT}:user/${UserName}`);
    const set = (Status: 'Active' | 'Inactive') =>
      iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId, Status }));
    await set('Inactive');
    assert.deepEqual(await answersTo(key), UNKNOWN);
    await set('Active');
    assert.deepEqual(await answersTo(key), ['ok', 'ok', 'ok']);
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId }));
    assert.deepEqual(await answersTo(key), UNKNOWN);
  });

  it('belong to the user under its new name, and need the right secret', async () => {
    const key = await newUser('before');
    await iam.send(new UpdateUserCommand({ UserName: 'before', NewUserName: 'after' }));
    const { User: user } = await new IAMClient(optionsWith(key)).send(new GetUserCommand({}));
    assert.equal(user?.UserName, 'after');
    const wrong = await answersTo({ ...key, secretAccessKey: `${key.secretAccessKey.slice(0, -1)}?` });
    assert.deepEqual(wrong, ['InvalidSignatureException', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch']);
    assert.deepEqual(await answersTo({ ...key, sessionToken: 'invented' }), WRONG_TOKEN);
  });

  it('are accepted after a restart, and their last use is kept', async () => {
    const key = await newUser('lasting');
    const lastUse = () => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId }));
    assert.equal((await lastUse()).AccessKeyLastUsed?.ServiceName, 'N/A');
    await new KinesisClient(optionsWith(key)).send(new ListStreamsCommand({}));
    const { UserName, AccessKeyLastUsed: use } = await lastUse();
    assert.equal(UserName, 'lasting');
    assert.equal(use?.ServiceName, 'kinesis');
    assert.equal(use?.Region, 'us-east-1');
    assert.ok(Math.abs((use?.LastUsedDate?.getTime() ?? 0) - Date.now()) < 60_000);
    await server.restart();
    assert.deepEqual((await lastUse()).AccessKeyLastUsed, use);
    assert.deepEqual(await answersTo(key), ['ok', 'ok', 'ok']);
  });
});

describe('temporary credentials', () => {
  it('of a user end with the user, not with the key that made them', async () => {
    const UserName = 'passing';
    const key = await newUser(UserName);
    const made = await new STSClient(optionsWith(key)).send(new GetSessionTokenCommand({}));
    const session = keyOf(made.Credentials);
    const [kinesis] = await answersTo(session);
    assert.equal(kinesis, 'ok');
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId }));
    assert.equal((await answersTo(session))[0], 'ok');
    await removeUser(UserName);
    assert.deepEqual(await answersTo(session), UNKNOWN);
  });

  it('need their own token', async () => {
    const sts = new STSClient(optionsWith(ROOT));
    const [one, other] = [
      keyOf((await sts.send(new GetSessionTokenCommand({}))).Credentials),
      keyOf((await sts.send(new GetSessionTokenCommand({}))).Credentials),
    ];
    const { accessKeyId, secretAccessKey } = one;
    assert.deepEqual(await answersTo({ accessKeyId, secretAccessKey }), UNKNOWN);
    assert.deepEqual(await answersTo({ ...one, sessionToken: other.sessionToken }), UNKNOWN);
    assert.deepEqual(await answersTo(one), ['ok', 'ok', 'ok']);
    assert.deepEqual(await answersTo({ ...one, sessionToken: other.sessionToken }), UNKNOWN);
  });

  it('of a role end with the role, also when another one gets its name', async () => {
    const RoleArn = await newRole('replaced');
    const caller = new STSClient(optionsWith(await newUser('assuming')));
    const assume = () => caller.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }));
    const session = keyOf((await assume()).Credentials);
    const { Arn } = await new STSClient(optionsWith(session)).send(new GetCallerIdentityCommand({}));
    assert.equal(Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/replaced/session`);
    await iam.send(new DeleteRoleCommand({ RoleName: 'replaced' }));
    assert.deepEqual(await answersTo(session), UNKNOWN);
    await newRole('replaced');
    assert.deepEqual(await answersTo(session), UNKNOWN);
  });

  it('are refused as expired after their end', async () => {
    const master = Buffer.from(await readFile(join(server.dataDir, 'keys', 'master.key'), 'utf8'), 'base64');
    const tokens = new SessionTokens(keyStore(master, []));
    const identity = { arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT };
    const made = tokens.create({ identity, expiresMs: Date.now() + 60_000 });
    assert.deepEqual(await answersTo(made), ['ok', 'ok', 'ok']);
    const ended = tokens.create({ identity, expiresMs: Date.now() - 1 });
    assert.deepEqual(await answersTo(ended), ['ExpiredTokenException', 'ExpiredToken', 'ExpiredToken']);
  });
});

async function removeUser(UserName: string): Promise<void> {
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'all' }));
  await iam.send(new DeleteUserCommand({ UserName }));
}
