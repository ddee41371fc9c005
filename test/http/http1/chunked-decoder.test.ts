import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { ChunkedDecoder } from '../../../src/http/http1/chunked-decoder.ts';
import { HttpSyntaxError } from '../../../src/http/http1/syntax-error.ts';

/** Decodes in pieces of the given sizes, again and again; gives the data, and what followed the body. */
function decode(
  text: string,
  sizes: readonly number[] = [text.length],
): { data: string; rest: string; done: boolean } {
  const decoder = new ChunkedDecoder();
  const bytes = Buffer.from(text, 'latin1');
  let data = '';
  let at = 0;
  for (let turn = 0; at < bytes.length && !decoder.done; turn++) {
    const piece = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
    at += decoder.decode(piece, (chunk) => (data += chunk.toString('latin1')));
  }
  return { data, rest: bytes.toString('latin1', at), done: decoder.done };
}

describe('a chunked body', () => {
  it('is decoded, however it is split', () => {
    const chunk = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(chunk),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (chunks, sizes) => {
          const sent = chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('');
          const { data, rest, done } = decode(`${sent}0\r\n\r\nGET / `, sizes);
          assert.equal(data, chunks.join(''));
          assert(done);
          assert.equal(rest, 'GET / ');
        },
      ),
    );
  });

  it('may have extensions and trailers', () => {
    assert.deepEqual(decode('3;a="b"\r\nabc\r\n0 ;c\r\nx-amz-checksum-crc32: abc=\r\n\r\n'), {
      data: 'abc',
      rest: '',
      done: true,
    });
  });

  for (const [what, text] of [
    ['no size', '\r\n'],
    ['a size that is no number', 'zz\r\n'],
    ['a sign', '+3\r\nabc\r\n'],
    ['a prefix', '0x3\r\nabc\r\n'],
    ['a size without bound', 'fffffffffffffff\r\n'],
    ['a bare line feed', '3\nabc\r\n'],
    ['more data than its size', '3\r\nabcd\r\n'],
    ['a control character in an extension', '3;\0\r\nabc\r\n'],
    ['a line without end', `3;${'a'.repeat(5000)}`],
    ['a trailer that is none', '0\r\nabc\r\n\r\n'],
    ['trailers without end', `0\r\n${`a: ${'b'.repeat(1000)}\r\n`.repeat(70)}`],
  ] as const) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => decode(text), HttpSyntaxError);
    });
  }
});
