import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ROOT, send, sign, signedChunks, type Signed, type ToSign } from './signer.ts';

let server: TestServer;
let host: string;
before(async () => {
  server = await startTestServer({ rootKey: ROOT });
  host = new URL(server.endpoint).host;
  await send(server.endpoint, sign({ method: 'PUT', path: '/bucket', service: 's3', host }));
});
after(() => server.close());

const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const TRAILER = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
/** Of "abcdef". */
const CRC = 'x-amz-checksum-crc32:S4457w==';

describe('an upload', () => {
  it('in signed chunks is accepted, with and without a trailer', async () => {
    const plain = chunked('plain', SIGNED);
    const got = await send(server.endpoint, { ...plain, body: signedChunks(plain, ['abc', 'def']).join('') });
    assert.equal(got.status, 200, got.body);
    const trailing = chunked('trailing', `${SIGNED}-TRAILER`, TRAILER);
    const body = signedChunks(trailing, ['abc', 'def'], CRC).join('');
    const second = await send(server.endpoint, { ...trailing, body });
    assert.equal(second.status, 200, second.body);
  });

  for (const [name, make, error] of [
    [
      'whose body has another hash',
      () => ({ ...put('refused', { body: 'abc' }), body: 'abd' }),
      /XAmzContentSHA256Mismatch/,
    ],
    [
      'without a hash',
      () => withoutHash(put('refused', { body: 'abc' })),
      /InvalidRequest|SignatureDoesNotMatch/,
    ],
    ['with its chunks out of order', () => reordered(['abc', 'def']), /SignatureDoesNotMatch/],
    ['with a changed chunk', () => edited((body) => body.replace('abc', 'abx')), /SignatureDoesNotMatch/],
    [
      'without its last chunk',
      () => edited((body) => body.replace(/3;[^\n]*\n(def)\r\n/, '')),
      /SignatureDoesNotMatch/,
    ],
    [
      'with an unsigned chunk',
      () => edited((body) => body.replace(/;chunk-signature=[0-9a-f]*/, '')),
      /IncompleteBody/,
    ],
    [
      'with a chunk extension more',
      () => edited((body) => body.replace(/\r\n/, ';a=b\r\n')),
      /IncompleteBody/,
    ],
    [
      'with an unsigned trailer',
      () => edited((body) => `${body.slice(0, -2)}${CRC}\r\n\r\n`),
      /MalformedTrailerError/,
    ],
    ['with a changed trailer', () => changedTrailer(), /SignatureDoesNotMatch/],
    [
      'signed 20 minutes ago',
      () => put('refused', { body: 'abc', timeMs: Date.now() - 20 * 60_000 }),
      /RequestTimeTooSkewed/,
    ],
    [
      'for another region',
      () => put('refused', { body: 'abc', region: 'eu-west-1' }),
      /AuthorizationHeaderMalformed.*expecting &apos;us-east-1&apos;.*<Region>us-east-1/s,
    ],
    ['of nobody', () => ({ ...put('refused', { body: 'abc' }), headers: { host } }), /AccessDenied/],
  ] as const) {
    it(`${name} is refused, and leaves no object`, async () => {
      const got = await send(server.endpoint, make());
      assert.match(got.body, error);
      assert.doesNotMatch(await keys('refused'), /<Key>/);
    });
  }
});

async function keys(prefix: string): Promise<string> {
  const query = `list-type=2&prefix=${prefix}`;
  return (await send(server.endpoint, sign({ method: 'GET', path: '/bucket', query, service: 's3', host })))
    .body;
}

function withoutHash(signed: Signed): Signed {
  const { 'x-amz-content-sha256': _, ...headers } = signed.headers;
  return { ...signed, headers };
}

function reordered(chunks: readonly string[]): Signed {
  const signed = chunked('refused', SIGNED);
  const [first = '', second = '', ...rest] = signedChunks(signed, chunks);
  return { ...signed, body: [second, first, ...rest].join('') };
}

function edited(edit: (body: string) => string): Signed {
  const signed = chunked('refused', SIGNED);
  return { ...signed, body: edit(signedChunks(signed, ['abc', 'def']).join('')) };
}

function changedTrailer(): Signed {
  const signed = chunked('refused', `${SIGNED}-TRAILER`, TRAILER);
  return {
    ...signed,
    body: signedChunks(signed, ['abc', 'def'], CRC).join('').replace('S4457w==', 'AAAAAA=='),
  };
}

const put = (key: string, given: Partial<ToSign>) =>
  sign({ method: 'PUT', path: `/bucket/${key}`, service: 's3', host, ...given });

const chunked = (key: string, kind: string, headers: Record<string, string> = {}) =>
  put(key, {
    payload: kind,
    headers: { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '6', ...headers },
  });
