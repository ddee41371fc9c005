import { signedFor } from '../../support/admission.ts';
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { ServiceError } from '../../../src/errors.ts';
import { AwsChunkedDecoder, trailersOf } from '../../../src/protocol/rest/aws-chunked.ts';
import { clientOptions, serveServices, testService } from '../support.ts';

interface Upload {
  readonly bytes: Buffer;
  readonly trailers: object;
  readonly input: Record<string, unknown>;
}

function uploads(): { readonly got: Upload[]; readonly service: ReturnType<typeof testService> } {
  const got: Upload[] = [];
  const service = testService('s3', {
    PutObject: async (input) => {
      const bytes = await buffer(input['Body'] as Readable);
      got.push({ bytes, trailers: trailersOf(input['Body']), input });
      return { ETag: '"x"' };
    },
  });
  return { got, service };
}

function crc32Header(bytes: Buffer): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString('base64');
}

async function decode(parts: readonly (string | Uint8Array)[], length?: number): Promise<[string, object]> {
  const decoder = new AwsChunkedDecoder(length);
  Readable.from(parts.map((part) => Buffer.from(part as string))).pipe(decoder);
  const bytes = await buffer(decoder);
  return [bytes.toString('latin1'), decoder.trailers];
}

describe('aws-chunked uploads', () => {
  it('from the SDK are decoded, with the checksum in the trailer', async () => {
    const { got, service } = uploads();
    await using server = await serveServices([service]);
    const client = new S3Client({ ...clientOptions(server.url), forcePathStyle: true });
    const bytes = Buffer.alloc(300_000, 'hello ');
    await client.send(
      new PutObjectCommand({
        Bucket: 'b',
        Key: 'k',
        Body: Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]),
        ContentLength: bytes.length,
        ContentEncoding: 'br',
      }),
    );
    client.destroy();
    assert.equal(got[0]?.bytes.equals(bytes), true);
    assert.deepEqual(got[0]?.trailers, { 'x-amz-checksum-crc32': crc32Header(bytes) });
    assert.equal(got[0]?.input['ContentEncoding'], 'br');
    assert.equal(got[0]?.input['ContentLength'], bytes.length);
  });

  it('do not affect other bodies', async () => {
    const { got, service } = uploads();
    await using server = await serveServices([service]);
    await fetch(`${server.url}/b/k`, {
      method: 'PUT',
      body: 'hello',
      headers: { ...signedFor('s3'), 'content-encoding': 'gzip' },
    });
    assert.equal(got[0]?.bytes.toString(), 'hello');
    assert.deepEqual(got[0]?.trailers, {});
    assert.equal(got[0]?.input['ContentEncoding'], 'gzip');
    assert.equal(got[0]?.input['ContentLength'], 5);
  });

  it('are decoded with and without signatures, with and without trailers', async () => {
    assert.deepEqual(await decode(['5\r\nhello\r\n0\r\n\r\n']), ['hello', {}]);
    assert.deepEqual(
      await decode([
        '5;chunk-signature=abc\r\nhello\r\n1;chunk-signature=abd\r\n!\r\n0;chunk-signature=def\r\nx-amz-checksum-crc32: AAAA==\r\nX-Amz-Trailer-Signature:fed\r\n\r\n',
      ]),
      ['hello!', { 'x-amz-checksum-crc32': 'AAAA==', 'x-amz-trailer-signature': 'fed' }],
    );
  });

  it('are the same however they are split', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        async (chunks, cuts) => {
          const filled = chunks.filter((chunk) => chunk.length > 0);
          const wire = Buffer.concat([
            ...filled.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from('0\r\na:b\r\n\r\n'),
          ]);
          const parts: Buffer[] = [];
          for (let at = 0, i = 0; at < wire.length; i++) {
            const next = at + (cuts[i] ?? 1);
            parts.push(wire.subarray(at, next));
            at = next;
          }
          const sent = Buffer.concat(filled);
          assert.deepEqual(await decode(parts, sent.length), [sent.toString('latin1'), { a: 'b' }]);
        },
      ),
      { seed: 3, numRuns: 50 },
    );
  });

  for (const [what, wire, length, code] of [
    ['ends in a chunk', '5\r\nhel', undefined, 'IncompleteBody'],
    ['ends before the last chunk', '5\r\nhello\r\n', undefined, 'IncompleteBody'],
    ['ends before the end of its trailers', '5\r\nhello\r\n0\r\na:b\r\n', undefined, 'IncompleteBody'],
    ['is shorter than was said', '5\r\nhello\r\n0\r\n\r\n', 6, 'IncompleteBody'],
    ['is longer than was said', '5\r\nhello\r\n0\r\n\r\n', 4, 'IncompleteBody'],
    ['has a size that is none', 'xyz\r\nhello\r\n0\r\n\r\n', undefined, 'IncompleteBody'],
    ['has more in a chunk than its size', '4\r\nhello\r\n0\r\n\r\n', undefined, 'IncompleteBody'],
    ['has a header without end', `5;chunk-signature=${'a'.repeat(10_000)}`, undefined, 'IncompleteBody'],
    ['has a trailer that is none', '0\r\nhello\r\n\r\n', undefined, 'MalformedTrailerError'],
    [
      'has trailers without end',
      `0\r\n${Array.from({ length: 20 }, (_, i) => `a${i}:b\r\n`).join('')}\r\n`,
      undefined,
      'MalformedTrailerError',
    ],
  ] as const) {
    it(`are refused when a chunk ${what}`, async () => {
      await assert.rejects(
        decode([wire], length),
        (error) => error instanceof ServiceError && error.code === code,
      );
    });
  }

  it('are answered with the error while the client is still sending', async () => {
    const { service } = uploads();
    await using server = await serveServices([service]);
    const body = await new Promise<string>((resolve, reject) => {
      const headers = {
        ...signedFor('s3'),
        'content-encoding': 'aws-chunked',
        'content-length': '1000000',
      };
      const call = request(`${server.url}/b/k`, { method: 'PUT', headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve(text);
          call.destroy();
        });
      });
      call.on('error', reject);
      call.write('no chunk\r\n');
    });
    assert.match(body, /<Code>IncompleteBody<\/Code>/);
  });
});
