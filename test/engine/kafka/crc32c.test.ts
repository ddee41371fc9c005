import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../../src/engine/kafka/crc32c.ts';
import { runSeed, seededPick } from '../../support/random.ts';

/** Bit by bit, as the polynomial defines it. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('the check values of RFC 3720 and of the catalogue of CRCs come out', () => {
  assert.equal(crc32c([Buffer.from('123456789')]), 0xe3069283);
  assert.equal(crc32c([Buffer.alloc(32)]), 0x8a9136aa);
  assert.equal(crc32c([Buffer.alloc(32, 0xff)]), 0x62a8ab43);
  assert.equal(crc32c([]), 0);
});

test('any bytes, in any parts, have the checksum of the plain definition', (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const pick = seededPick(seed);
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(Array.from({ length: pick(300) }, () => pick(256)));
    const cut = pick(bytes.length + 1);
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
    assert.equal(crc32c(parts), slowCrc32c(bytes));
  }
  const large = Buffer.alloc(100_003, 'nagare');
  assert.equal(crc32c([large]), slowCrc32c(large));
});
