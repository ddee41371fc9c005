import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { presigned } from '../../src/auth/presign.ts';
import { type Credentials, signed } from '../../src/auth/sign.ts';
import { zip } from '../services/lambda/lambda-server.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, spawnServer, type ServerProcess, temporaryFolder } from '../support/server.ts';
import { removeFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const ROOT = { accessKeyId: 'AKIAROOTKEY', secretAccessKey: 'root-secret/of+the+run7f3a91' };
const ENDPOINT_KEY = 'http-endpoint-access-key-5d21c0';
const VARIABLE = 'value-of-a-function-variable-c81e72';
const HOOK = 'hook-password-93b1aa';

/** What must appear nowhere, by what it is. */
type Secrets = Map<string, string>;

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: {
        AWS: 'arn:aws:iam::000000000000:root',
        Service: ['lambda.amazonaws.com', 'firehose.amazonaws.com'],
      },
      Action: 'sts:AssumeRole',
    },
  ],
});
const ALLOW_ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** Makes users, sessions, functions and destinations with secrets, and uses them. */
async function fill(endpoint: string, hook: string, secrets: Secrets): Promise<Credentials[]> {
  const as = (credentials: Credentials) => ({ ...clientOptions(endpoint), credentials, maxAttempts: 1 });
  const root = as(ROOT);
  const iam = new IAMClient(root);
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'all', PolicyDocument: ALLOW_ALL }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  assert.ok(AccessKey?.AccessKeyId !== undefined && AccessKey.SecretAccessKey !== undefined);
  const ann = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  secrets.set('the key of a user', ann.secretAccessKey);
  const role = await iam.send(new CreateRoleCommand({ RoleName: 'role', AssumeRolePolicyDocument: TRUST }));
  const RoleArn = role.Role?.Arn ?? '';
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'role', PolicyName: 'all', PolicyDocument: ALLOW_ALL }),
  );
  const sts = new STSClient(root);
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }));
  const session = await new STSClient(as(ann)).send(new GetSessionTokenCommand({}));
  const temporary = [assumed.Credentials, session.Credentials].map((made) => {
    assert.ok(made?.AccessKeyId && made.SecretAccessKey && made.SessionToken);
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = made;
    secrets
      .set(`the key of ${accessKeyId}`, secretAccessKey)
      .set(`the token of ${accessKeyId}`, sessionToken);
    return { accessKeyId, secretAccessKey, sessionToken };
  });
  await new KinesisClient(root).send(new CreateStreamCommand({ StreamName: 'audit', ShardCount: 1 }));
  const s3 = new S3Client({ ...root, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await useFunction(new LambdaClient(root), RoleArn);
  await useFirehose(new FirehoseClient(root), RoleArn, hook);
  const sns = new SNSClient(root);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'topic' }));
  const Endpoint = hook.replace('http://', `http://user:${HOOK}@`);
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint })).catch(() => undefined);
  return [ROOT, ann, ...temporary];
}

async function useFunction(lambda: LambdaClient, Role: string): Promise<void> {
  const Variables = { SECRET: VARIABLE };
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs22.x',
      Role,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.js': 'exports.handler = async () => 1;' }) },
      Environment: { Variables },
    }),
  );
  const fail = { ...Variables, '1 is no name': VARIABLE };
  const update = new UpdateFunctionConfigurationCommand({
    FunctionName: 'f',
    Environment: { Variables: fail },
  });
  await assert.rejects(lambda.send(update), (error: Error) => !error.message.includes(VARIABLE));
  await lambda.send(new InvokeCommand({ FunctionName: 'f' }));
}

async function useFirehose(firehose: FirehoseClient, RoleARN: string, Url: string): Promise<void> {
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'd',
      HttpEndpointDestinationConfiguration: {
        EndpointConfiguration: { Url, AccessKey: ENDPOINT_KEY },
        BufferingHints: { IntervalInSeconds: 1, SizeInMBs: 1 },
        RetryOptions: { DurationInSeconds: 0 },
        RoleARN,
        S3Configuration: { RoleARN, BucketARN: 'arn:aws:s3:::bucket' },
      },
    }),
  );
  const Record = { Data: Buffer.from('data') };
  await firehose.send(new PutRecordCommand({ DeliveryStreamName: 'd', Record }));
}

/** Right and wrong requests with each key, in headers and in presigned URLs. Returns all answers. */
async function callWith(endpoint: string, all: readonly Credentials[], secrets: Secrets): Promise<string[]> {
  const answers: string[] = [];
  for (const credentials of all) {
    const wrong = { ...credentials, secretAccessKey: 'another' };
    for (const key of [credentials, wrong]) {
      for (const service of ['kinesis', 's3', 'lambda', 'sns']) {
        const url = new URL(endpoint);
        const headers = {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'Kinesis_20131202.ListStreams',
        };
        const scope = { region: 'us-east-1', service };
        const request = { method: 'POST', url, headers, body: '{}' };
        const sent = signed(request, key, scope, new Date());
        answers.push(await (await fetch(url, { method: 'POST', headers: sent, body: '{}' })).text());
        const shared = presigned(new URL(`${endpoint}/bucket/key`), key, scope, new Date(), 60);
        secrets.set(
          `a presigned URL for ${service} of ${key.accessKeyId}${key === wrong ? ', wrong' : ''}`,
          new URL(shared).searchParams.get('X-Amz-Signature') ?? '',
        );
        // S3's answer to a wrong signature repeats what the client sent, as on AWS.
        await (await fetch(shared)).text();
      }
    }
  }
  return answers;
}

async function filesIn(folder: string): Promise<[string, Buffer][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }): Promise<[string, Buffer]> => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), await readFile(path)];
    }),
  );
}

/** Where which secret is, plain, in base64 or in hexadecimal. */
function found(secrets: Secrets, written: readonly (readonly [string, Buffer])[]): string[] {
  return [...secrets].flatMap(([what, secret]) => {
    assert.ok(secret.length >= 16, what);
    const bytes = Buffer.from(secret);
    // Without the last characters, which depend on what follows.
    const base64 = bytes.toString('base64').replace(/=+$/, '').slice(0, -1);
    return [secret, base64, bytes.toString('hex')].flatMap((form) =>
      written.filter(([, content]) => content.includes(form)).map(([path]) => `${what} is in ${path}`),
    );
  });
}

async function listenForHooks(t: TestContext): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

async function scene(t: TestContext, server: ServerProcess): Promise<void> {
  const folder = join(server.dataDir, '..');
  const secrets: Secrets = new Map([
    ['the root key', ROOT.secretAccessKey],
    ['the access key of an HTTP endpoint', ENDPOINT_KEY],
  ]);
  const all = await fill(server.endpoint, await listenForHooks(t), secrets);
  const answers = await callWith(server.endpoint, all, secrets);
  await until(async () => (await readFile(join(folder, 'audit.log'), 'utf8')).split('\n').length > 60);
  const environment = {
    AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const at = ['--data-dir', server.dataDir, '--endpoint', server.endpoint];
  const backup = await runCommand(['backup', join(folder, 'backup'), ...at], environment);
  const doctor = await runCommand(['doctor', '--data-dir', server.dataDir], environment);
  const health = await (await fetch(`${server.endpoint}/health`)).text();
  await new KinesisClient({ ...clientOptions(server.endpoint), credentials: ROOT }).send(
    new ListStreamsCommand({}),
  );
  assert.equal(await server.stop('SIGTERM'), 0);
  assert.equal(backup.code, 0, backup.errors);
  const texts = {
    'the log': server.errorOutput,
    'standard output': server.output,
    answers: answers.join('\n'),
    'the output of nagare backup': backup.output + backup.errors,
    'the output of nagare doctor': doctor.output + doctor.errors,
    '/health': health,
  };
  assert.ok(server.errorOutput.includes('"operation":"CreateDeliveryStream"'));
  const written = [
    ...Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)] as const),
    ...(await filesIn(folder)),
  ];
  assert.ok(written.some(([path]) => path.startsWith('backup/')));
  assert.deepEqual(found(secrets, written), []);
  // The API returns these, so the data folder has them; but nothing that others read has them.
  const returned = new Map([
    ['a variable of a function', VARIABLE],
    ['the password of a subscription', HOOK],
  ]);
  const toRead = written.filter(([path]) => !/^(?:data|backup)\//.test(path));
  assert.deepEqual(found(returned, toRead), []);
}

const ARGS = [
  '--log-level',
  'debug',
  '--log-format',
  'json',
  '--audit-log',
  'audit.log',
  '--audit-stream',
  'audit',
  '--audit-data',
  'all',
];

test('no secret is written anywhere, with the root key in the environment', async (t) => {
  const env = {
    NAGARE_ROOT_ACCESS_KEY_ID: ROOT.accessKeyId,
    NAGARE_ROOT_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
  };
  await using server = await spawnServer({ args: ARGS, env });
  await scene(t, server);
});

test('no secret is written anywhere, with the root key in a file', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => removeFolder(folder));
  const secret = join(folder, 'root-secret');
  await writeFile(secret, `${ROOT.secretAccessKey}\n`, { mode: 0o600 });
  const env = {
    NAGARE_ROOT_ACCESS_KEY_ID: ROOT.accessKeyId,
    NAGARE_ROOT_SECRET_ACCESS_KEY_FILE: secret,
  };
  await using server = await spawnServer({ args: ARGS, env });
  await scene(t, server);
});
