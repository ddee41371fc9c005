import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { presign, ROOT, send, sign } from './signer.ts';

let server: TestServer;
let host: string;
before(async () => {
  server = await startTestServer({ rootKey: ROOT });
  host = new URL(server.endpoint).host;
  for (const bucket of ['uploads', 'private']) {
    await send(server.endpoint, sign({ method: 'PUT', path: `/${bucket}`, service: 's3', host }));
  }
  await put('/private/key', 'secret');
});
after(() => server.close());

const put = (path: string, body: string) =>
  send(server.endpoint, sign({ method: 'PUT', path, body, service: 's3', host }));

async function privateKeys(): Promise<string[]> {
  const signed = sign({ method: 'GET', path: '/private', query: 'list-type=2', service: 's3', host });
  const { body } = await send(server.endpoint, signed);
  return [...body.matchAll(/<Key>([^<]*)</g)].map(([, key = '']) => key);
}

/** Names another service than the signature does; with it, the name of a host is no bucket. */
const OTHER_SCOPE = 'Credential=AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request';

describe('the bucket that a host names', () => {
  it('is not continued by a target without a slash', async () => {
    const partHost = `priv.localhost:${new URL(server.endpoint).port}`;
    const signed = sign({ method: 'GET', path: 'ate/key', service: 's3', host: partHost });
    assert.match((await send(server.endpoint, signed)).body, /<Code>MethodNotAllowed</);
  });

  it('counts for a presigned URL, whatever an Authorization header of another scheme claims', async () => {
    const bucketHost = `uploads.localhost:${new URL(server.endpoint).port}`;
    const path = '/private/key';
    const query = presign({ path, service: 's3', host: bucketHost });
    const headers = { host: bucketHost, authorization: `Basic ${OTHER_SCOPE}` };
    const got = await send(server.endpoint, { method: 'GET', path, query, headers, body: '' });
    assert.match(got.body, /<Code>NoSuchKey</);
  });

  it('counts for a signed request, whatever else its Authorization header claims', async () => {
    const bucketHost = `uploads.localhost:${new URL(server.endpoint).port}`;
    const path = '/private/added';
    const signed = sign({ method: 'PUT', path, body: 'x', service: 's3', host: bucketHost });
    const authorization = signed.headers['authorization']?.replace(' ', ` X${OTHER_SCOPE}, `) ?? '';
    await send(server.endpoint, { ...signed, headers: { ...signed.headers, authorization } });
    assert.deepEqual(await privateKeys(), ['key']);
  });
});

function field(name: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

describe('a posted form', () => {
  it('is refused with a signature of its request too: the rest of the body after the file is not read', async () => {
    const policy = {
      expiration: new Date(Date.now() + 60_000).toISOString(),
      conditions: [['starts-with', '$key', '']],
    };
    const body = [
      field('policy', Buffer.from(JSON.stringify(policy)).toString('base64')),
      field('x-amz-signature', '0'.repeat(64)),
      field('key', 'posted'),
      field('file', 'content'),
      '--b--\r\n',
    ].join('');
    const signed = sign({
      path: '/private',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body,
      service: 's3',
      host,
    });
    const got = await send(server.endpoint, signed);
    assert.match(got.body, /<Code>InvalidArgument<.*Only one auth mechanism allowed/);
    assert.deepEqual(await privateKeys(), ['key']);
  });
});

describe('a request of nobody', () => {
  const unsigned = { method: 'POST', path: '/', query: '' };

  it('has no large form read, but those that anyone may send', async () => {
    const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
    const large = `Action=Unsubscribe&Version=2010-03-31&x=${'x'.repeat(20_000)}`;
    const refused = await send(server.endpoint, { ...unsigned, headers, body: large });
    assert.equal(refused.status, 403);
    assert.match(refused.body, /<Code>MissingAuthenticationToken</);
    const small = 'Action=Unsubscribe&Version=2010-03-31&SubscriptionArn=none';
    assert.match(
      (await send(server.endpoint, { ...unsigned, headers, body: small })).body,
      /InvalidParameter</,
    );
  });

  it('for an unknown target has no body read', async () => {
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.Nothing',
    };
    const got = await send(server.endpoint, { ...unsigned, headers, body: 'no JSON' });
    assert.match(got.body, /UnknownOperationException/);
  });
});

describe('a presigned URL', () => {
  for (const payload of [
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  ]) {
    it(`with ${payload} in its query takes no unsigned body`, async () => {
      const path = '/private/unsigned';
      const query = presign({ method: 'PUT', path, payload, service: 's3', host });
      const got = await send(server.endpoint, { method: 'PUT', path, query, headers: { host }, body: 'x' });
      assert.match(got.body, /<Code>IncompleteBody</);
      assert.deepEqual(await privateKeys(), ['key']);
    });
  }
});
