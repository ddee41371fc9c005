/**
 * 3,000 requests whose bytes were damaged, as HTTP/1.1 and as HTTP/2: each connection is answered or ended within
 * seconds, no answer is a fault of the server, and the server goes on. `node --test test/http/fuzz.suite.ts`, with
 * SEED=n for another sequence.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { startTestServer, type TestServer } from '../support/server.ts';

const seed = Number(process.env['SEED'] ?? 20261122);
/** What a client that has ended its side may wait: the server has nothing more to wait for. */
const ANSWER_MS_MAX = 30_000;

/** Not checked yet; without it nothing may change state, and the request would end before its body is looked at. */
const authorization = (service: string): string =>
  `Authorization: AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/${service}/aws4_request`;

const body = '{"StreamName":"s","PartitionKey":"k","Data":"eA=="}';
const plain = Buffer.from(
  [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/x-amz-json-1.1',
    'X-Amz-Target: Kinesis_20131202.PutRecord',
    authorization('kinesis'),
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n'),
);
const chunked = Buffer.from(
  [
    'PUT /bucket/key?uploads HTTP/1.1',
    'Host: bucket.s3.localhost',
    authorization('s3'),
    'Expect: 100-continue',
    'Transfer-Encoding: chunked',
    '',
    '5',
    'hello',
    '0',
    '',
    '',
  ].join('\r\n'),
);
/** The preface, an empty SETTINGS frame, and a HEADERS frame of indexed fields: `POST /`. */
const http2 = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('000000040000000000', 'hex'),
  Buffer.from('000003010500000001838684', 'hex'),
]);

/** One to six changes: a byte more, less or other, or a piece that is there twice or is gone. */
function damaged(whole: Buffer, from = 0): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.nat(4),
    byte: fc.nat(255),
    length: fc.integer({ min: 1, max: 40 }),
  });
  return fc.array(change, { minLength: 1, maxLength: 6 }).map((changes) => {
    let bytes = whole;
    for (const { at, kind, byte, length } of changes) {
      const place = from + (at % Math.max(bytes.length - from, 1));
      const piece = kind < 2 ? Buffer.from([byte]) : bytes.subarray(place, place + length);
      const kept = [1, 2].includes(kind) ? place + 1 : kind === 3 ? place + length : place;
      bytes = Buffer.concat([
        bytes.subarray(0, place),
        kind === 3 ? Buffer.alloc(0) : piece,
        bytes.subarray(kept),
      ]);
    }
    return bytes;
  });
}

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(async () => {
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200, 'it is alive after all of it');
  await server.close();
});

/** What comes back until the server ends the connection. */
async function exchange(bytes: Buffer): Promise<Buffer> {
  const received: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1', () => socket.end(bytes));
  const timer = setTimeout(() => reject(new Error('neither answered nor ended')), ANSWER_MS_MAX);
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  // A reset is an end, too.
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  return Buffer.concat(received);
}

test('the requests are valid before they are damaged: each is answered', async () => {
  assert.match((await exchange(plain)).toString(), /^HTTP\/1\.1 400 [\s\S]*ResourceNotFoundException/);
  assert.match((await exchange(chunked)).toString(), /^HTTP\/1\.1 /);
  assert((await exchange(http2)).length > 0);
});

for (const [name, requests] of [
  ['a damaged HTTP/1.1 request', damaged(plain)],
  ['a damaged upload in chunks', damaged(chunked)],
  ['damaged HTTP/2 frames', damaged(http2, 24)],
  ['bytes of any kind', fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))],
] as const) {
  test(
    `${name} is answered or closed, never with an internal error (seed ${seed})`,
    { timeout: 300_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(requests, async (bytes) => {
          const answer = (await exchange(bytes)).toString('latin1');
          const statuses = [...answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) =>
            Number(status),
          );
          for (const status of statuses) {
            assert(
              status < 500 || status === 501 || status === 505,
              `${bytes.toString('latin1')}\n${answer}`,
            );
          }
        }),
        { seed, numRuns: 750, endOnFailure: true },
      );
    },
  );
}
