import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RecordPacker, unpack } from '../../../../src/engine/packed-records.ts';
import { CIPHER_OVERHEAD_BYTES, PayloadCipher } from '../../../../src/engine/payload-cipher.ts';
import {
  isEncrypted,
  packRecord,
  unpackRecord,
} from '../../../../src/services/kinesis/records/record-codec.ts';
import { asBuffer } from '../../../../src/support/as-buffer.ts';

const anyRecord = fc.record(
  {
    partitionKey: fc.string({ unit: 'grapheme', maxLength: 256 }),
    explicitHashKey: fc.option(
      fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((key) => key.toString()),
      { nil: undefined },
    ),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

test('records are decoded as they were encoded', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 20 }), (records) => {
      const packer = new RecordPacker(16);
      for (const { partitionKey, explicitHashKey, data } of records) {
        packRecord(packer, partitionKey, explicitHashKey, data);
      }
      const packed = packer.finish();
      const out: object[] = [];
      unpack(packed, (_ordinal, offset, length) => {
        assert.equal(isEncrypted(packed.bytes, offset), false);
        out.push(unpackRecord(asBuffer(packed.bytes), offset, length));
      });
      assert.deepEqual(out, records);
    }),
  );
});

test('an encrypted record can only be read with its key, and unchanged', () => {
  const packer = new RecordPacker();
  packRecord(packer, 'key', '17', Buffer.from('secret'));
  const payload = asBuffer(packer.finish().bytes).subarray(4);
  const cipher = new PayloadCipher(randomBytes(32));
  const sealed = Buffer.alloc(payload.length + CIPHER_OVERHEAD_BYTES);
  cipher.seal(payload, sealed, 0);
  assert(isEncrypted(sealed, 0));
  assert(!sealed.includes('secret') && !sealed.includes('key'));
  assert.deepEqual(cipher.open(sealed), payload);
  assert.throws(() => new PayloadCipher(randomBytes(32)).open(sealed));
  for (const place of [0, 1, 20, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[place] = (changed[place] ?? 0) ^ 4;
    assert.throws(() => cipher.open(changed), `byte ${place}`);
  }
});

test('the same record encrypted twice looks different', () => {
  const cipher = new PayloadCipher(randomBytes(32));
  const [one, two] = [Buffer.alloc(40), Buffer.alloc(40)];
  cipher.seal(Buffer.alloc(12), one, 0);
  cipher.seal(Buffer.alloc(12), two, 0);
  assert.notDeepEqual(one, two);
});
