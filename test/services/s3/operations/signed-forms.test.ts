import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { ACCOUNT, allow, type Key, openScene, type Scene } from '../../../auth/authorization/scene.ts';
import { ROOT } from '../../../auth/signature/signer.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

const Bucket = 'bucket';
const NOW = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');

interface Form {
  readonly key: Key;
  /** Of the object. */
  readonly name?: string;
  readonly region?: string;
  readonly service?: string;
  readonly date?: string;
  readonly expiresMs?: number;
  readonly conditions?: readonly unknown[];
  /** Replaces fields after signing; undefined removes one. */
  readonly changes?: Readonly<Record<string, string | undefined>>;
}

type Fields = Readonly<Record<string, string>>;

function hmac(secret: string | Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

/** As the S3 API reference describes it, independent of what is tested. */
function signedForm({
  key,
  name = 'a',
  region = 'us-east-1',
  service = 's3',
  date = NOW,
  ...rest
}: Form): Fields {
  const scope = [date.slice(0, 8), region, service, 'aws4_request'];
  const signed: Fields = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': [key.accessKeyId, ...scope].join('/'),
    'x-amz-date': date,
    ...(key.sessionToken !== undefined && { 'x-amz-security-token': key.sessionToken }),
  };
  const conditions = rest.conditions ?? [{ bucket: Bucket }, ['starts-with', '$key', 'a']];
  const expiration = new Date(Date.now() + (rest.expiresMs ?? 60_000)).toISOString();
  const all = [...conditions, ...Object.entries(signed).map(([field, value]) => ({ [field]: value }))];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions: all })).toString('base64');
  const secret = scope.reduce<string | Buffer>(hmac, `AWS4${key.secretAccessKey}`);
  const signature = hmac(secret, policy).toString('hex');
  const fields = { key: name, ...signed, policy, 'x-amz-signature': signature, ...rest.changes };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [[field, value]])),
  );
}

describe('a posted form, with signatures required', () => {
  let scene: Scene;
  let s3: S3Client;
  let auditFile: string;
  before(async () => {
    auditFile = join(await temporaryFolder(), 'audit.log');
    const audit = {
      file: auditFile,
      fileBytesMax: 1024 * 1024,
      filesMax: 3,
      data: 'write',
      required: false,
    } as const;
    scene = await openScene({ audit });
    s3 = new S3Client({ ...scene.root, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new CreateBucketCommand({ Bucket: 'another' }));
  });
  after(() => scene[Symbol.asyncDispose]());

  async function post(
    fields: Fields,
    bucket = Bucket,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob(['content']), 'file.txt');
    const answer = await fetch(`${scene.server.endpoint}/${bucket}`, { method: 'POST', body: form, headers });
    return { status: answer.status, text: await answer.text() };
  }

  async function keys(bucket = Bucket): Promise<string[]> {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  }

  const root = (): Key => scene.root.credentials;

  it('is stored for the root key, for a session with its token, and for a policy that was signed long ago', async () => {
    const { Credentials: made } = await new STSClient(scene.root).send(new GetSessionTokenCommand({}));
    const session = {
      accessKeyId: made?.AccessKeyId ?? '',
      secretAccessKey: made?.SecretAccessKey ?? '',
      sessionToken: made?.SessionToken ?? '',
    };
    assert.equal((await post(signedForm({ key: root(), name: 'a-root' }))).status, 204);
    const ofSession = await post(signedForm({ key: session, name: 'a-session' }));
    assert.equal(ofSession.status, 204, ofSession.text);
    const old = signedForm({ key: root(), name: 'a-old', date: '20260101T000000Z' });
    assert.equal((await post(old)).status, 204);
    assert.deepEqual(await keys(), ['a-old', 'a-root', 'a-session']);
    const { sessionToken: _, ...withoutToken } = session;
    const refused = await post(signedForm({ key: withoutToken, name: 'a-refused' }));
    assert.match(refused.text, /<Code>InvalidAccessKeyId</);
  });

  it('is stored if policies allow its signer to put that object, and the audit log has the signer', async () => {
    const writer = (await scene.user('writer', allow('s3:PutObject', 'arn:aws:s3:::bucket/allowed/*')))
      .credentials;
    const conditions = [{ bucket: Bucket }, ['starts-with', '$key', '']];
    const form = (name: string): Fields => signedForm({ key: writer, name, conditions });
    assert.equal((await post(form('allowed/b'))).status, 204);
    const refused = await post(form('other/b'));
    assert.equal(refused.status, 403);
    assert.match(
      refused.text,
      /<Code>AccessDenied<.*user\/writer is not authorized to perform: s3:PutObject on resource: &quot;arn:aws:s3:::bucket\/other\/b&quot;/,
    );
    assert.ok(!(await keys()).includes('other/b'));
    await until(async () => {
      const records = (await readFile(auditFile, 'utf8'))
        .split('\n')
        .filter((line) => line.includes('PostObject'));
      return records.some((line) => line.includes(`"arn":"arn:aws:iam::${ACCOUNT}:user/writer"`));
    });

    const { accessKeyId: AccessKeyId } = writer;
    await scene.iam.send(new UpdateAccessKeyCommand({ UserName: 'writer', AccessKeyId, Status: 'Inactive' }));
    assert.match((await post(form('allowed/c'))).text, /<Code>InvalidAccessKeyId</);
  });

  const wrong = { ...ROOT, secretAccessKey: 'another' };
  const cases: readonly (readonly [name: string, form: (key: Key) => Partial<Form>, error: RegExp])[] = [
    ['with a wrong secret', () => ({ key: wrong }), /403 .*<Code>SignatureDoesNotMatch<.*<StringToSign>/s],
    [
      'of an unknown key',
      () => ({ key: { ...wrong, accessKeyId: 'AKIDUNKNOWN' } }),
      /403 .*<Code>InvalidAccessKeyId</s,
    ],
    [
      'with another policy',
      (key) => ({ changes: { policy: signedForm({ key, expiresMs: 90_000 })['policy'] } }),
      /403 .*<Code>SignatureDoesNotMatch</s,
    ],
    [
      'with another credential',
      (key) => ({ changes: { 'x-amz-credential': `${key.accessKeyId}/20200101/us-east-1/s3/aws4_request` } }),
      /400 .*<Code>AuthorizationHeaderMalformed</s,
    ],
    [
      'with another date',
      () => ({ changes: { 'x-amz-date': `${NOW.slice(0, 8)}T000000Z` } }),
      /403 .*Invalid according to Policy: Policy Condition failed: \[&quot;eq&quot;, &quot;\$x-amz-date&quot;/s,
    ],
    [
      'with another key than its policy allows',
      () => ({ changes: { key: 'b' } }),
      /403 .*Policy Condition failed: \[&quot;starts-with&quot;, &quot;\$key&quot;, &quot;a&quot;\]/s,
    ],
    [
      'with a field more',
      () => ({ changes: { 'x-amz-meta-a': 'b' } }),
      /403 .*Extra input fields: x-amz-meta-a/s,
    ],
    [
      'whose policy names no bucket',
      () => ({ conditions: [['starts-with', '$key', 'a']] }),
      /403 .*Extra input fields: bucket/s,
    ],
    [
      'that has expired',
      () => ({ expiresMs: -1000 }),
      /403 .*Invalid according to Policy: Policy expired\./s,
    ],
    [
      'for another region',
      () => ({ region: 'eu-west-1' }),
      /400 .*<Code>AuthorizationHeaderMalformed<.*<Region>us-east-1</s,
    ],
    [
      'for another service',
      () => ({ service: 'kinesis' }),
      /400 .*<Code>InvalidArgument<.*incorrect service &quot;kinesis&quot;/s,
    ],
    [
      'without a date',
      () => ({ changes: { 'x-amz-date': undefined } }),
      /400 .*must contain a field named &apos;X-Amz-Date&apos;.*<ArgumentName>X-Amz-Date</s,
    ],
    [
      'with another algorithm',
      () => ({ changes: { 'x-amz-algorithm': 'AWS4-ECDSA-P256-SHA256' } }),
      /501 .*<Code>NotImplemented</s,
    ],
    [
      'of version 2',
      (key) => ({
        changes: { AWSAccessKeyId: key.accessKeyId, signature: 'x', 'x-amz-signature': undefined },
      }),
      /400 .*<Code>InvalidRequest<.*Please use AWS4-HMAC-SHA256/s,
    ],
    [
      'without a signature',
      () => ({ changes: { 'x-amz-signature': undefined } }),
      /403 .*<Code>AccessDenied</s,
    ],
    ['without a policy', () => ({ changes: { policy: undefined } }), /403 .*<Code>AccessDenied</s],
  ];
  for (const [name, form, error] of cases) {
    it(`${name} is refused, and leaves no object`, async () => {
      const before = await keys();
      const { status, text } = await post(signedForm({ key: root(), ...form(root()) }));
      assert.match(`${status} ${text}`, error);
      assert.deepEqual(await keys(), before);
    });
  }

  it('has its fields in the condition keys of policies, not the headers of its request', async () => {
    const encrypted = { Condition: { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } } };
    const { credentials: key } = await scene.user('encrypting', allow('s3:PutObject', '*', encrypted));
    const field = { 'x-amz-server-side-encryption': 'AES256' };
    const conditions = [{ bucket: Bucket }, ['starts-with', '$key', 'a']];
    const plain = await post(signedForm({ key, name: 'a-plain', conditions }), Bucket, field);
    assert.match(`${plain.status} ${plain.text}`, /403 .*<Code>AccessDenied</s);
    const form = signedForm({ key, name: 'a-encrypted', conditions: [...conditions, field] });
    const stored = await post({ ...form, ...field });
    assert.equal(stored.status, 204, stored.text);
  });

  it('for one bucket is refused by another', async () => {
    const { text } = await post(signedForm({ key: root() }), 'another');
    assert.match(
      text,
      /Policy Condition failed: \[&quot;eq&quot;, &quot;\$bucket&quot;, &quot;bucket&quot;\]/,
    );
    assert.deepEqual(await keys('another'), []);
  });
});
