import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateUserCommand, PutUserPolicyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListStreamsCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { presign, send, sign } from '../signature/signer.ts';
import { ACCOUNT, allow, type ClientOptions, openScene, said, type Scene } from './scene.ts';

let scene: Scene;
let reader: ClientOptions;

before(async () => {
  scene = await openScene();
  const root = new S3Client({ ...scene.root, forcePathStyle: true });
  await root.send(new CreateBucketCommand({ Bucket: 'lake' }));
  for (const Key of ['open/a', 'closed/b', 'open/../closed/c', 'closed%2Fd']) {
    await root.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: `content of ${Key}` }));
  }
  reader = await scene.user('reader', allow('s3:GetObject', 'arn:aws:s3:::lake/open/*'));
});
after(() => scene[Symbol.asyncDispose]());

/** Sends a path exactly as it is. */
function get(path: string) {
  const { host } = new URL(scene.server.endpoint);
  return send(
    scene.server.endpoint,
    sign({ method: 'GET', path, service: 's3', host, ...reader.credentials }),
  );
}

describe('the key that is authorized is the key that is served', () => {
  it('whatever a path looks like', async () => {
    assert.equal((await get('/lake/open/a')).body, 'content of open/a');
    // S3 does not normalise: this is a key of its own, below open/.
    assert.equal((await get('/lake/open/../closed/c')).body, 'content of open/../closed/c');
    for (const path of [
      '/lake/closed/b',
      '/lake//closed/b',
      '/lake/open/../../lake/closed/b',
      '/lake/open%2F..%2Fclosed%2Fb',
      '/lake/./closed/b',
      '/lake/closed%2Fb',
      '/lake/closed%252Fd',
      '/lake%2Fopen/../closed/b',
      '/LAKE/open/a',
    ]) {
      const { status, body } = await get(path);
      assert.ok(status >= 400, `${path} is answered with ${status}`);
      assert.ok(!body.includes('content of'), path);
    }
  });

  it('also in presigned URLs, which have the permissions of their signer', async () => {
    const { host } = new URL(scene.server.endpoint);
    const url = (key: string): string => {
      const path = `/lake/${key}`;
      return `${scene.server.endpoint}${path}?${presign({ path, service: 's3', host, signer: reader.credentials })}`;
    };
    assert.equal((await fetch(url('open/a'))).status, 200);
    const refused = await fetch(url('closed/b'));
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /<Code>AccessDenied<\/Code>/);
    assert.equal((await fetch(url('open/a').replace('open/a', 'closed/b'))).status, 403);
  });

  it('when another service is asked with ARNs of other regions and accounts', async () => {
    await new KinesisClient(scene.root).send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    const elsewhere = await scene.user(
      'elsewhere',
      allow('kinesis:*', 'arn:aws:kinesis:eu-west-1:999999999999:*'),
    );
    for (const StreamARN of [
      `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/s`,
      'arn:aws:kinesis:eu-west-1:999999999999:stream/s',
    ]) {
      const call = new KinesisClient(elsewhere).send(new DescribeStreamSummaryCommand({ StreamARN }));
      await assert.rejects(call, /not authorized|not found/);
    }
  });
});

describe('policies of attackers', () => {
  it('with __proto__ give and take nothing', async () => {
    const options = await scene.user('proto');
    const PolicyDocument =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:NoSuch","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/__proto__":"x"},"Null":{"aws:RequestTag/constructor":"true"}}}]}';
    await scene.iam.send(new PutUserPolicyCommand({ UserName: 'proto', PolicyName: 'own', PolicyDocument }));
    assert.match(
      await said(new KinesisClient(options).send(new ListStreamsCommand({}))),
      /kinesis:ListStreams/,
    );
    const element =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","__proto__":{}}]}';
    await assert.rejects(
      scene.iam.send(
        new PutUserPolicyCommand({ UserName: 'proto', PolicyName: 'own', PolicyDocument: element }),
      ),
      { name: 'MalformedPolicyDocumentException' },
    );
    await scene.iam.send(new CreateUserCommand({ UserName: 'constructor' }));
  });

  it('take effect for the very next request, as the end of a key does', async () => {
    const options = await scene.user('swift', allow('kinesis:ListStreams'));
    const client = new KinesisClient(options);
    const list = () => said(client.send(new ListStreamsCommand({})));
    for (let round = 0; round < 5; round++) {
      assert.equal(await list(), 'ok');
      await scene.putPolicy('swift', allow('s3:GetObject'));
      assert.match(await list(), /because no identity-based policy/);
      await scene.putPolicy('swift', allow('kinesis:ListStreams'));
    }
    const { accessKeyId: AccessKeyId } = options.credentials;
    await scene.iam.send(new UpdateAccessKeyCommand({ UserName: 'swift', AccessKeyId, Status: 'Inactive' }));
    await assert.rejects(client.send(new ListStreamsCommand({})), { name: 'UnrecognizedClientException' });
  });
});

function post(options: ClientOptions, path: string, service = 'nagare') {
  const { host } = new URL(scene.server.endpoint);
  return send(scene.server.endpoint, sign({ path, service, host, body: '{}', ...options.credentials }));
}

describe("nagare's own paths", () => {
  it('need their own actions, or the root key', async () => {
    const user = await scene.user('operator', allow('nagare:Scrub'));
    const refused = await post(user, '/_nagare/backup');
    assert.equal(refused.status, 403);
    assert.match(
      refused.body,
      /operator is not authorized to perform: nagare:Backup on resource: \* because no identity-based policy/,
    );
    // Allowed, but sent by another program than nagare's own commands.
    assert.match((await post(user, '/_nagare/scrub')).body, /not a command of nagare/);
    assert.match((await post(scene.root, '/_nagare/scrub')).body, /not a command of nagare/);
    const all = await scene.user('admin', allow('*'));
    assert.match((await post(all, '/_nagare/unknown')).body, /for the root key only/);
    assert.match((await post(all, '/_nagare/scrub', 's3')).body, /must not be signed for S3/);
  });
});
