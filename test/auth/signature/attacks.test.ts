/** Requests that say one thing to what verifies them and another to what serves them. */
import assert from 'node:assert/strict';
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../http/support.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ROOT, send, sign, type Signed } from './signer.ts';

const TARGET = 'Kinesis_20131202.CreateStream';
const BODY = '{"StreamName":"attacked","ShardCount":1}';

let server: TestServer;
let host: string;
let port: number;
before(async () => {
  server = await startTestServer({ rootKey: ROOT });
  host = new URL(server.endpoint).host;
  port = Number(new URL(server.endpoint).port);
  await send(server.endpoint, sign({ method: 'PUT', path: '/bucket', service: 's3', host }));
});
after(() => server.close());

const json = { 'content-type': 'application/x-amz-json-1.1' };

function create(): Signed {
  return sign({
    path: '/',
    service: 'kinesis',
    headers: { ...json, 'x-amz-target': TARGET },
    body: BODY,
    host,
  });
}

async function made(): Promise<string> {
  const headers = { ...json, 'x-amz-target': 'Kinesis_20131202.ListStreams' };
  const listing = sign({ path: '/', service: 'kinesis', headers, body: '{}', host });
  const objects = sign({ method: 'GET', path: '/bucket', query: 'list-type=2', service: 's3', host });
  const texts = [await send(server.endpoint, listing), await send(server.endpoint, objects)];
  return texts.flatMap(({ body }) => body.match(/"StreamNames":\[".*?\]|<Key>[^<]*/g) ?? []).join(' ');
}

/** The Authorization header of a request that is signed with a wrong secret. */
function wrongAuthorization(): string {
  return (
    sign({ ...create(), service: 'kinesis', host, secretAccessKey: 'wrong' }).headers['authorization'] ?? ''
  );
}

/** The bytes of a request, with lines put in before those of the signed one, or after. */
function bytesOf(
  signed: Signed,
  { first = '', last = '', target = signed.path, body = signed.body } = {},
): string {
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${body.length}\r\n`;
  return `${signed.method} ${target} HTTP/1.1\r\n${first}${lines.join('')}${last}${length}connection: close\r\n\r\n${body}`;
}

async function exchange(bytes: string): Promise<string> {
  const client = await RawClient.connect(port);
  client.send(bytes);
  return await client.ended();
}

describe('a request with a signature that holds', () => {
  const cases: readonly (readonly [name: string, bytes: () => string])[] = [
    [
      'and a second target after it',
      () => bytesOf(create(), { last: 'x-amz-target: Kinesis_20131202.DeleteStream\r\n' }),
    ],
    [
      'and a second target before it',
      () => bytesOf(create(), { first: 'x-amz-target: Kinesis_20131202.DeleteStream\r\n' }),
    ],
    ['and a second host', () => bytesOf(create(), { last: 'host: 127.0.0.1\r\n' })],
    ['and a host before it', () => bytesOf(create(), { first: 'host: localhost\r\n' })],
    ['and a second time', () => bytesOf(create(), { last: 'x-amz-date: 20200101T000000Z\r\n' })],
    ['and a token', () => bytesOf(create(), { last: 'x-amz-security-token: x\r\n' })],
    [
      'and an Authorization header that does not hold before it',
      () => bytesOf(create(), { first: `authorization: ${wrongAuthorization()}\r\n` }),
    ],
    ['and another length before it', () => bytesOf(create(), { first: 'content-length: 0\r\n' })],
    [
      'and a transfer encoding besides its length',
      () => bytesOf(create(), { last: 'transfer-encoding: chunked\r\n' }),
    ],
    [
      'and a header name with a blank',
      () => bytesOf(create(), { last: 'x-amz-target : Kinesis_20131202.DeleteStream\r\n' }),
    ],
    ['in a target with another host', () => bytesOf(create(), { target: 'http://localhost/' })],
    ['in a target with a query', () => bytesOf(create(), { target: '/?Action=CreateTopic' })],
    ['on another path that means the same', () => bytesOf(create(), { target: '/%2e/' })],
    ['and a longer body', () => bytesOf(create(), { body: `${BODY} ` })],
  ];
  for (const [name, bytes] of cases) {
    it(`${name} is refused`, async () => {
      assert.match(await exchange(bytes()), /^HTTP\/1\.1 40[0-9] /);
      assert.equal(await made(), '');
    });
  }

  it('is not followed by a request of its body', async () => {
    const hidden = 'PUT /bucket/hidden HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx';
    const signed = sign({ method: 'GET', path: '/bucket', query: 'list-type=2', service: 's3', host });
    const bytes = bytesOf(signed, {
      target: '/bucket?list-type=2',
      body: hidden,
      last: 'transfer-encoding: identity\r\n',
    });
    await exchange(bytes);
    assert.equal(await made(), '');
  });
});

describe('over HTTP/2', () => {
  let session: ClientHttp2Session;
  before(() => {
    session = connect(server.endpoint);
  });
  after(() => session.close());

  function request(signed: Signed, changes: IncomingHttpHeaders): Promise<number> {
    const { host: signedHost, ...headers } = signed.headers;
    const stream = session.request({
      ':method': signed.method,
      ':path': signed.path,
      ':authority': signedHost ?? '',
      ...headers,
      ...changes,
    });
    return new Promise((resolve, reject) => {
      stream.on('response', ({ ':status': status = 0 }) => resolve(status));
      stream.on('error', reject);
      stream.resume();
      stream.end(signed.body);
    });
  }

  for (const [name, changes] of [
    ['another authority', () => ({ ':authority': 'localhost' })],
    ['a host that differs from its authority', () => ({ host: 'localhost' })],
    ['another authority, and the signed host', () => ({ ':authority': 'localhost', host })],
    ['another method', () => ({ ':method': 'PUT' })],
    ['another path', () => ({ ':path': '/x' })],
    ['an added query', () => ({ ':path': '/?a=b' })],
  ] as const) {
    it(`a request with ${name} is refused`, async () => {
      const status = await request(create(), changes());
      assert.ok(status >= 400 && status < 500, String(status));
      assert.equal(await made(), '');
    });
  }

  it('a request is accepted as it was signed', async () => {
    assert.equal(await request(create(), {}), 200);
    assert.match(await made(), /attacked/);
  });
});
