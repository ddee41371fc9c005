import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateStreamCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Readable } from 'node:stream';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { allow, policy, trustIn } from '../authorization/scene.ts';
import { zip } from '../../services/lambda/lambda-server.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { presign, ROOT, send, sign, type Signed, type ToSign } from './signer.ts';

let server: TestServer;
let host: string;
before(async () => {
  server = await startTestServer({ rootKey: ROOT });
  host = new URL(server.endpoint).host;
  await s3().send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await kinesis().send(new CreateStreamCommand({ StreamName: 'stream', ShardCount: 1 }));
});
after(() => server.close());

const options = (credentials = ROOT) => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
});
const s3 = (credentials = ROOT) => new S3Client({ ...options(credentials), forcePathStyle: true });
const kinesis = (credentials = ROOT) => new KinesisClient(options(credentials));

const JSON_HEADERS = {
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.CreateStream',
};

/** A call that makes a stream of this name. */
function createStream(name: string, given: Partial<ToSign> = {}): Signed {
  const body = JSON.stringify({ StreamName: name, ShardCount: 1 });
  return sign({ path: '/', service: 'kinesis', headers: JSON_HEADERS, body, host, ...given });
}

async function streams(): Promise<string[]> {
  return (await kinesis().send(new ListStreamsCommand({}))).StreamNames ?? [];
}

async function keys(prefix: string): Promise<string> {
  const query = `list-type=2&prefix=${prefix}`;
  return (await send(server.endpoint, sign({ method: 'GET', path: '/bucket', query, service: 's3', host })))
    .body;
}

describe('requests of the SDK', () => {
  it('are accepted in every protocol', async () => {
    await kinesis().send(
      new PutRecordCommand({ StreamName: 'stream', PartitionKey: 'k', Data: Buffer.from('data') }),
    );
    await new LambdaClient(options()).send(new ListFunctionsCommand({}));
    await new SNSClient(options()).send(new CreateTopicCommand({ Name: 'topic' }));
    await new CloudWatchClient(options()).send(new ListMetricsCommand({}));
  });

  it('are accepted for objects: whole, and in chunks with a trailer', async () => {
    const key = "a b/ä+(1)'!";
    await s3().send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: 'whole' }));
    const got = await s3().send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
    assert.equal(await got.Body?.transformToString(), 'whole');
    const body = Readable.from([Buffer.alloc(100_000, 'a')]);
    await s3().send(
      new PutObjectCommand({ Bucket: 'bucket', Key: 'streamed', Body: body, ContentLength: 100_000 }),
    );
  });

  const wrong = { ...ROOT, secretAccessKey: 'x'.repeat(40) };
  const unknown = { ...ROOT, accessKeyId: 'AKIDUNKNOWN' };
  const withToken = { ...ROOT, sessionToken: 'token' };
  for (const [name, credentials, errors] of [
    [
      'a wrong secret',
      wrong,
      [
        'InvalidSignatureException',
        'InvalidSignatureException',
        'SignatureDoesNotMatch',
        'SignatureDoesNotMatch',
      ],
    ],
    [
      'an unknown key',
      unknown,
      [
        'UnrecognizedClientException',
        'UnrecognizedClientException',
        'InvalidClientTokenId',
        'InvalidAccessKeyId',
      ],
    ],
    [
      'a token that is not the key`s',
      withToken,
      ['UnrecognizedClientException', 'UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidToken'],
    ],
  ] as const) {
    it(`are refused with AWS's own errors for ${name}`, async () => {
      const [json, rest, query, xml] = errors;
      const create = new CreateStreamCommand({ StreamName: 'refused', ShardCount: 1 });
      await assert.rejects(kinesis(credentials).send(create), { name: json });
      const list = new ListFunctionsCommand({});
      await assert.rejects(new LambdaClient(options(credentials)).send(list), { name: rest });
      const topic = new CreateTopicCommand({ Name: 'refused' });
      await assert.rejects(new SNSClient(options(credentials)).send(topic), { name: query });
      const put = new PutObjectCommand({ Bucket: 'bucket', Key: 'refused', Body: 'x' });
      await assert.rejects(s3(credentials).send(put), { name: xml });
      assert.deepEqual(await streams(), ['stream']);
      assert.doesNotMatch(await keys('refused'), /<Key>/);
    });
  }
});

describe('a request', () => {
  const MINUTE = 60_000;
  it('as it was signed is accepted', async () => {
    const listing = { ...JSON_HEADERS, 'x-amz-target': 'Kinesis_20131202.ListStreams' };
    const spaced = { ...listing, 'x-amz-meta': 'a   b' };
    const got = await send(
      server.endpoint,
      sign({
        path: '/',
        service: 'kinesis',
        headers: spaced,
        body: '{}',
        host,
        timeMs: Date.now() - 4 * MINUTE,
      }),
    );
    assert.equal(got.status, 200, got.body);
  });

  for (const [name, make, error] of [
    [
      'with another body',
      () => ({ ...createStream('x'), body: '{"StreamName":"y","ShardCount":1}' }),
      /InvalidSignatureException/,
    ],
    ['with another path', () => ({ ...createStream('x'), path: '/x' }), /InvalidSignatureException/],
    ['with another query', () => ({ ...createStream('x'), query: 'a=1' }), /InvalidSignatureException/],
    [
      'with another target',
      () => withHeader(createStream('x'), 'x-amz-target', 'Kinesis_20131202.DeleteStream'),
      /InvalidSignatureException/,
    ],
    [
      'with an unsigned target',
      () => unsignedHeader('x-amz-target'),
      /'x-amz-target' must be a 'SignedHeader'/,
    ],
    [
      'with an added x-amz header',
      () => withHeader(createStream('x'), 'x-amz-added', '1'),
      /'x-amz-added' must be a 'SignedHeader'/,
    ],
    [
      'of long ago',
      () => createStream('x', { timeMs: Date.now() - 6 * MINUTE }),
      /Signature expired: \d{8}T\d{6}Z is now earlier than/,
    ],
    [
      'of the future',
      () => createStream('x', { timeMs: Date.now() + 6 * MINUTE }),
      /Signature not yet current: /,
    ],
    [
      'for another region',
      () => createStream('x', { region: 'eu-west-1' }),
      /scoped to a valid region: 'us-east-1'/,
    ],
    [
      'for another service',
      () => createStream('x', { service: 'lambda' }),
      /scoped to correct service: 'kinesis'/,
    ],
    [
      'signed for S3 without its body',
      () => createStream('x', { service: 's3', payload: 'UNSIGNED-PAYLOAD' }),
      /scoped to correct service: 'kinesis'/,
    ],
    [
      'without its parts',
      () => withHeader(createStream('x'), 'authorization', 'AWS4-HMAC-SHA256 Credential=a'),
      /IncompleteSignatureException.*requires 'Signature' parameter/,
    ],
    [
      'without a signature',
      () => withoutHeader(createStream('x'), 'authorization'),
      /MissingAuthenticationTokenException/,
    ],
    [
      'signed with version 4A',
      () => withHeader(createStream('x'), 'authorization', 'AWS4-ECDSA-P256-SHA256 Credential=a'),
      /AWS4-ECDSA-P256-SHA256/,
    ],
    [
      'signed twice',
      () => ({ ...createStream('x'), query: presign({ path: '/', service: 'kinesis', host }) }),
      /Only one auth mechanism/,
    ],
  ] as const) {
    it(`${name} is refused, and nothing is done`, async () => {
      const got = await send(server.endpoint, make());
      assert.ok(got.status === 400 || got.status === 403, String(got.status));
      assert.match(got.body, error);
      assert.deepEqual(await streams(), ['stream']);
    });
  }
});

it('GetCallerIdentity names the owner of the key', async () => {
  const sts = new STSClient(options());
  assert.partialDeepStrictEqual(await sts.send(new GetCallerIdentityCommand({})), {
    Account: '000000000000',
    Arn: 'arn:aws:iam::000000000000:root',
    UserId: '000000000000',
  });
});

describe('a presigned URL', () => {
  before(() => s3().send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'content' })));
  const path = '/bucket/k';
  const get = (query: string, at = path) =>
    send(server.endpoint, { method: 'GET', path: at, query, headers: { host }, body: '' });

  it('is accepted until it expires', async () => {
    const got = await get(presign({ path, service: 's3', host }));
    assert.equal(got.body, 'content');
  });

  for (const [name, query, error] of [
    [
      'that has expired',
      () => presign({ path, service: 's3', host, timeMs: Date.now() - 61_000 }),
      /AccessDenied.*Request has expired/s,
    ],
    [
      'with an added parameter',
      () => `${presign({ path, service: 's3', host })}&versionId=null`,
      /SignatureDoesNotMatch/,
    ],
    [
      'with a parameter twice',
      () => `${presign({ path, service: 's3', host })}&X-Amz-Expires=6000`,
      /AuthorizationQueryParametersError/,
    ],
    [
      'of more than a week',
      () => presign({ path, service: 's3', host, expires: '604801' }),
      /AuthorizationQueryParametersError/,
    ],
    [
      'of no time',
      () => presign({ path, service: 's3', host, expires: '0' }),
      /AuthorizationQueryParametersError/,
    ],
    [
      'for another object',
      () => presign({ path: '/bucket/other', service: 's3', host }),
      /SignatureDoesNotMatch/,
    ],
    ['of version 2', () => 'AWSAccessKeyId=a&Signature=b&Expires=1', /authorization mechanism/],
  ] as const) {
    it(`${name} is refused`, async () => {
      const got = await get(query());
      assert.match(got.body, error);
    });
  }

  it('is refused on another path that means the same to a careless server', async () => {
    const query = presign({ path, service: 's3', host });
    for (const at of ['/bucket/x/../k', '/bucket//k', '/bucket%2Fk', '/bucket/%256B']) {
      assert.doesNotMatch((await get(query, at)).body, /^content$/);
    }
  });
});

describe('paths of nagare`s own', () => {
  it('are closed, but for the health check', async () => {
    assert.equal((await fetch(`${server.endpoint}/health`)).status, 200);
    for (const path of ['/_nagare/functions/f/code.zip', '/_nagare/anything']) {
      assert.equal((await fetch(server.endpoint + path)).status, 403);
    }
    const signed = sign({ method: 'GET', path: '/_nagare/anything', service: 'nagare', host });
    assert.equal((await send(server.endpoint, signed)).status, 404);
    const forS3 = sign({ path: '/_nagare/clock', service: 's3', payload: 'UNSIGNED-PAYLOAD', host });
    assert.equal((await send(server.endpoint, forS3)).status, 403);
  });

  it('include a function`s code, whose location is presigned, and are closed to functions', async () => {
    const lambda = new LambdaClient(options());
    const source = `
      import { signedGet } from './sign.mjs';
      export const handler = async (path) => {
        const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: key } = process.env;
        const answer = await signedGet(endpoint, path);
        return [answer.status, key, Object.keys(process.env).filter((name) => name.startsWith('NAGARE_'))];
      };`;
    const code = zip({ 'index.mjs': source, 'sign.mjs': SIGNED_GET });
    const role = await roleForFunctions(allow('lambda:GetFunction'));
    const create = {
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
    } as const;
    await lambda.send(new CreateFunctionCommand({ ...create, Code: { ZipFile: code } }));
    const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: 'f' }));
    const location = Code?.Location ?? '';
    assert.equal((await fetch(location)).status, 200);
    assert.equal((await fetch(`${location}0`)).status, 400);
    assert.equal((await fetch(location.replace('code.zip', 'x.zip'))).status, 400);
    const statusOf = async (path: string): Promise<unknown> => {
      const invoke = new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify(path) });
      const [status, key, variables] = JSON.parse(
        (await lambda.send(invoke)).Payload?.transformToString() ?? '',
      );
      assert.match(key, /^ASIA[A-Z2-7]{16}$/);
      assert.deepEqual(variables, []);
      return status;
    };
    assert.equal(await statusOf('/2015-03-31/functions/f'), 200);
    assert.equal(await statusOf('/_nagare/functions/f/code.zip'), 403);
  });
});

async function roleForFunctions(statement: object): Promise<string> {
  const iam = new IAMClient(options());
  const RoleName = 'function';
  const AssumeRolePolicyDocument = policy(trustIn('lambda.amazonaws.com'));
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = policy(statement);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  return Role?.Arn ?? '';
}

/** What a function without an SDK does to call the server with its own key. */
const SIGNED_GET = `
import { createHash, createHmac } from 'node:crypto';
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
export function signedGet(endpoint, path) {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const host = new URL(endpoint).host;
  const time = new Date().toISOString().replaceAll(/[-:]|\\.\\d+/g, '');
  const scope = time.slice(0, 8) + '/us-east-1/lambda/aws4_request';
  const names = 'host;x-amz-date;x-amz-security-token';
  const lines = 'host:' + host + '\\nx-amz-date:' + time + '\\nx-amz-security-token:' + token + '\\n';
  const canonical = ['GET', path, '', lines, names, sha256('')].join('\\n');
  const key = scope.split('/').reduce(hmac, 'AWS4' + secret);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\\n')).toString('hex');
  const authorization =
    'AWS4-HMAC-SHA256 Credential=' + id + '/' + scope + ', SignedHeaders=' + names + ', Signature=' + signature;
  const headers = { 'x-amz-date': time, 'x-amz-security-token': token, authorization };
  return fetch(endpoint + path, { headers });
}
`;

function withHeader(signed: Signed, name: string, value: string): Signed {
  return { ...signed, headers: { ...signed.headers, [name]: value } };
}

function withoutHeader(signed: Signed, name: string): Signed {
  const { [name]: _, ...headers } = signed.headers;
  return { ...signed, headers };
}

function unsignedHeader(name: 'x-amz-target'): Signed {
  const { [name]: value, ...headers } = JSON_HEADERS;
  return withHeader(createStream('x', { headers }), name, value);
}
