import assert from 'node:assert/strict';
import { it } from 'node:test';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { combineCrc32 } from '../../../../src/engine/embedded/format/crc32-combine.ts';

it('is the checksum of both pieces together', () => {
  const bytes = fc.uint8Array({ maxLength: 70_000, size: 'max' });
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const whole = crc32(Buffer.concat([first, second]));
      assert.equal(combineCrc32(crc32(first), crc32(second), second.length), whole);
    }),
    { numRuns: 200, seed: 7 },
  );
});

it('puts many pieces together, one after the other', () => {
  const whole = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) % 251));
  let crc = 0;
  for (let at = 0; at < whole.length; at += 777) {
    const piece = whole.subarray(at, at + 777);
    crc = combineCrc32(crc, crc32(piece), piece.length);
  }
  assert.equal(crc, crc32(whole));
});
