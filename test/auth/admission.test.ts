/**
 * A web page can make its browser send requests to a server on loopback. In version 0.1 such a page could create a
 * function and run it (a form of text/plain was enough), make a topic by the address of an image, read everything
 * under a name that it let resolve to 127.0.0.1, and run the script of an object on the origin of the API.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { after, before, beforeEach, describe, it } from 'node:test';
import { RawClient } from '../http/support.ts';
import { jsonFor, signedFor } from '../support/admission.ts';
import { PAGE, startRecordingServer, target, type RecordingServer, type Sent } from './recording-server.ts';

let server: RecordingServer;
before(async () => (server = await startRecordingServer()));
after(() => server.close());
beforeEach(() => void server.called());

/** One call of each protocol, whole and signed, and what tells its error. */
const calls: readonly (readonly [name: string, sent: Sent, denied: RegExp])[] = [
  [
    'JSON',
    { headers: { ...signedFor('kinesis'), ...target('ListStreams') }, body: '{}' },
    /^\{"__type":"AccessDeniedException","message":".*--(allow-host|cors-origin)/,
  ],
  [
    'CBOR',
    {
      headers: {
        ...signedFor('kinesis'),
        ...target('ListStreams'),
        'content-type': 'application/x-amz-cbor-1.1',
      },
      body: '\xa0',
    },
    /__type.AccessDeniedException.*--(allow-host|cors-origin)/,
  ],
  [
    'JSON for nobody',
    { headers: { ...signedFor('x'), ...target('ListStreams'), 'x-amz-target': 'Nothing.At' }, body: '{}' },
    /^\{"__type":"AccessDeniedException"/,
  ],
  [
    "Smithy's RPC v2",
    {
      path: '/service/GraniteServiceVersion20100801/operation/ListMetrics',
      headers: {
        ...signedFor('monitoring'),
        'smithy-protocol': 'rpc-v2-cbor',
        'content-type': 'application/cbor',
      },
    },
    /__type.*AccessDeniedException.*--(allow-host|cors-origin)/s,
  ],
  [
    'a form',
    {
      headers: { ...signedFor('sns'), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=ListTopics&Version=2010-03-31',
    },
    /<Error><Type>Sender<\/Type><Code>AccessDenied<\/Code><Message>.*--(allow-host|cors-origin)/,
  ],
  [
    "an image's address",
    { method: 'GET', path: '/?Action=ListTopics&Version=2010-03-31' },
    /<Code>AccessDenied<\/Code>/,
  ],
  [
    'REST-JSON',
    { path: '/2015-03-31/functions/f/invocations', headers: jsonFor('lambda'), body: '{}' },
    /^\{"Type":"User","[mM]essage":".*--(allow-host|cors-origin)/,
  ],
  [
    'S3',
    { method: 'PUT', path: '/bucket/key', headers: signedFor('s3'), body: 'x' },
    /<Error><Code>AccessDenied<\/Code><Message>.*--(allow-host|cors-origin)/,
  ],
  ['a health check', { method: 'GET', path: '/health' }, /^\{"message":".*--(allow-host|cors-origin)/],
  [
    'a command',
    { path: '/_nagare/backup', headers: signedFor('nagare'), body: '{}' },
    /^\{"message":".*--(allow-host|cors-origin)/,
  ],
  [
    "a function's code",
    { method: 'GET', path: '/_nagare/functions/f/code.zip' },
    /^\{"message":".*--(allow-host|cors-origin)/,
  ],
];

describe('requests from a page', () => {
  for (const [name, sent, denied] of calls) {
    for (const [what, headers] of [
      ['another origin', { origin: 'https://evil.example' }],
      ['another port of this machine', { origin: 'http://127.0.0.1:3000' }],
      ['an origin that begins as an allowed one', { origin: `${PAGE}.evil.example` }],
      ['a sandbox', { origin: 'null' }],
      ['an empty origin', { origin: '' }],
      ['two origins', { origin: `${PAGE}, https://evil.example` }],
      ['another site, without saying which', { 'sec-fetch-site': 'cross-site' }],
      ['another port or name of the same site', { 'sec-fetch-site': 'same-site' }],
      ['a name that resolves to this machine', { host: 'evil.example' }],
      ['such a name in the form of a bucket', { host: 'bucket.s3.evil.example:4566' }],
    ] as const) {
      it(`is refused: ${name} from ${what}`, async () => {
        for (const way of [server.send, server.sendHttp2]) {
          const got = await way({ ...sent, headers: { ...sent.headers, ...headers } });
          // The origin's own header field is no CORS permission.
          assert.equal(got.status, 403, got.body);
          assert.match(got.body, denied);
          assert.doesNotMatch(got.head, /access-control-/);
          assert.match(got.head, /x-content-type-options: nosniff/);
        }
        assert.deepEqual(server.called(), []);
      });
    }
  }
});

it('programs are not affected: none of their calls is refused', async () => {
  for (const [name, sent] of calls) {
    for (const way of [server.send, server.sendHttp2]) {
      for (const headers of [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }]) {
        const got = await way({ ...sent, headers: { ...sent.headers, ...headers } });
        assert.ok(got.status === 200 || name === 'JSON for nobody', `${name}: ${got.status} ${got.body}`);
        assert.match(got.head, /x-content-type-options: nosniff/);
      }
    }
  }
});

it('is refused before the body is read, and without asking for it', async () => {
  const client = await RawClient.connect(server.port);
  client.send(
    'PUT /bucket/key HTTP/1.1\r\nhost: evil.example\r\nexpect: 100-continue\r\ncontent-length: 1000000\r\n\r\n',
  );
  const received = await client.until(/AccessDenied/);
  assert.match(received, /^HTTP\/1\.1 403 /);
});

describe('the host', () => {
  it('is reported with the setting that allows it', async () => {
    const { body } = await server.send({
      headers: { ...target('ListStreams'), host: 'evil.example' },
      body: '{}',
    });
    assert.equal(
      JSON.parse(body).message,
      'This server does not accept the host "evil.example". To accept it, start the server with --allow-host <name>.',
    );
  });

  for (const [what, head, status] of [
    ['twice', 'GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: 127.0.0.1\r\n', 400],
    ['not at all', 'GET /health HTTP/1.1\r\n', 400],
    ['empty', 'GET /health HTTP/1.1\r\nhost:\r\n', 403],
    ['not at all in HTTP/1.0, which no browser speaks', 'GET /health HTTP/1.0\r\n', 200],
    ['wrong in HTTP/1.0', 'GET /health HTTP/1.0\r\nhost: evil.example\r\n', 403],
    ['in a whole URL', 'GET http://localhost:4566/health HTTP/1.1\r\nhost: localhost:4566\r\n', 200],
    ['other in the URL', 'GET http://evil.example/health HTTP/1.1\r\nhost: localhost\r\n', 403],
    ['wrong in the Host beside a URL', 'GET http://localhost/health HTTP/1.1\r\nhost: evil.example\r\n', 403],
    ['one that was allowed', 'GET /health HTTP/1.1\r\nhost: nagare.example:80\r\n', 200],
    ['with a user', 'GET /health HTTP/1.1\r\nhost: a@127.0.0.1\r\n', 403],
  ] as const) {
    it(`${what}: ${status}`, async () => {
      const client = await RawClient.connect(server.port);
      client.send(`${head}connection: close\r\n\r\n`);
      assert.match(await client.ended(), new RegExp(`^HTTP/1\\.1 ${status} `));
    });
  }

  it('counts once over HTTP/2: a Host that differs from :authority is refused', async () => {
    const session = connect(server.url);
    for (const [host, status] of [
      ['evil.example', 403],
      ['127.0.0.1', 200],
    ] as const) {
      const stream = session.request({ ':path': '/health', ':authority': '127.0.0.1', host });
      const [answer] = (await once(stream.resume(), 'response')) as [Record<string, unknown>];
      assert.equal(answer[':status'], status);
    }
    session.close();
  });
});

describe('a page whose origin is allowed', () => {
  it('gets a response to its preflight request that allows everything it asks for', async () => {
    const got = await server.send({
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'sec-fetch-site': 'cross-site',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'amz-sdk-invocation-id,authorization,x-amz-date,x-amz-meta-a',
        'access-control-request-private-network': 'true',
      },
    });
    assert.equal(got.status, 204);
    for (const line of [
      `access-control-allow-origin: ${PAGE}`,
      'access-control-allow-methods: get, head, post, put, delete',
      'access-control-allow-headers: amz-sdk-invocation-id,authorization,x-amz-date,x-amz-meta-a',
      'access-control-allow-private-network: true',
      'vary: origin',
    ]) {
      assert.ok(got.head.includes(`\r\n${line}\r\n`), `${line} in ${got.head}`);
    }
    assert.deepEqual(server.called(), []);
  });

  it('can read responses and errors, with their headers', async () => {
    for (const [name, sent] of calls) {
      const headers = { ...sent.headers, origin: PAGE, 'sec-fetch-site': 'cross-site' };
      const { head } = await server.send({ ...sent, headers });
      assert.ok(head.includes(`\r\naccess-control-allow-origin: ${PAGE}\r\n`), name);
      assert.doesNotMatch(head, /access-control-allow-credentials/);
    }
    const { head } = await server.send({
      headers: { ...signedFor('kinesis'), ...target('Nothing'), origin: PAGE },
      body: '{}',
    });
    assert.match(head, /access-control-expose-headers: .*x-amzn-requestid/);
  });

  it('is still refused for a host that is not served', async () => {
    const got = await server.send({
      method: 'GET',
      path: '/health',
      headers: { origin: PAGE, host: 'evil.example' },
    });
    assert.equal(got.status, 403);
  });
});

it('an object opened as a document runs no scripts, and browsers do not sniff types', async () => {
  const object = await server.send({ method: 'GET', path: '/bucket/page.html' });
  assert.match(object.head, /content-security-policy: sandbox(\r\n|$)/);
  const client = await RawClient.connect(server.port);
  client.send('nonsense\r\n\r\n');
  assert.match(await client.ended(), /^HTTP\/1\.1 400 .*x-content-type-options: nosniff/is);
});
