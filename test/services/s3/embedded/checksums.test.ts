import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  checksumAlgorithms,
  compositeChecksum,
  digestOf,
} from '../../../../src/services/s3/embedded/checksums.ts';

// The check values of the CRC catalogue (reveng) and of FIPS 180 for these inputs.
const known = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
} as const;

describe('checksums', () => {
  for (const algorithm of checksumAlgorithms) {
    it(`${algorithm} has its published check value`, () => {
      const digest = digestOf(algorithm);
      digest.update(Buffer.from('123456789'));
      assert.equal(Buffer.from(digest.value(), 'base64').toString('hex'), known[algorithm]);
    });

    it(`${algorithm} does not depend on how the bytes are split`, () => {
      const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) & 0xff));
      const whole = digestOf(algorithm);
      whole.update(bytes);
      const expected = whole.value();
      for (const size of [1, 3, 8, 13, 64, 999]) {
        const cut = digestOf(algorithm);
        for (let at = 0; at < bytes.length; at += size) cut.update(bytes.subarray(at, at + size));
        assert.equal(cut.value(), expected);
      }
    });
  }

  it('a composite one is the digest of the digests and their count', () => {
    assert.match(compositeChecksum('CRC32', ['y/Q5Jg==', 'y/Q5Jg==']), /^[\w+/]{6}==-2$/);
  });
});
