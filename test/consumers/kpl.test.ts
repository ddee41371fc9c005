import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as fc from 'fast-check';
import { deaggregate, mayBeAggregated } from '../../src/consumers/kpl.ts';
import type { StreamRecord } from '../../src/consumers/source.ts';
import { aggregate, encodeMessage, seal } from './aggregate.ts';

const record = (data: Uint8Array): StreamRecord => ({
  sequenceNumber: '123',
  partitionKey: 'a',
  explicitHashKey: undefined,
  data,
  arrivalMs: 5,
});

const everything = { startingHashKey: 0n, endingHashKey: 2n ** 128n - 1n };
const parts = fc.array(
  fc.record({
    partitionKey: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    explicitHashKey: fc.option(
      fc.bigInt({ min: 0n, max: everything.endingHashKey }).map((key) => key.toString()),
      { nil: undefined },
    ),
    data: fc.uint8Array({ maxLength: 300 }),
  }),
  { minLength: 1, maxLength: 200 },
);
const plain = (data: Uint8Array) => [{ ...record(data), subSequenceNumber: 0, aggregated: false }];

const hashOf = (key: string): bigint => BigInt(`0x${createHash('md5').update(key).digest('hex')}`);

describe('de-aggregation', () => {
  test('returns the user records in order', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const bytes = aggregate(given);
        assert.ok(mayBeAggregated(bytes));
        const found = deaggregate(record(bytes), everything);
        assert.deepEqual(
          found.map(({ partitionKey, explicitHashKey, data }) => ({
            partitionKey,
            explicitHashKey,
            data: Buffer.from(data),
          })),
          given.map((part) => ({ ...part, data: Buffer.from(part.data) })),
        );
        found.forEach((user, index) => {
          assert.equal(user.subSequenceNumber, index);
          assert.equal(user.sequenceNumber, '123');
          assert.equal(user.arrivalMs, 5);
          assert.ok(user.aggregated);
        });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('returns anything else unchanged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        assert.deepEqual(deaggregate(record(data)), plain(data));
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  test('returns a record with a wrong digest unchanged', () => {
    const bytes = aggregate([{ partitionKey: 'a', data: Buffer.from('x') }]);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    assert.deepEqual(deaggregate(record(bytes)), plain(bytes));
  });

  test('never fails on a truncated or changed message with a valid digest', () => {
    const property = fc.property(parts, fc.nat(), fc.nat(255), fc.boolean(), (given, at, byte, cut) => {
      const message = Buffer.from(encodeMessage(given));
      const place = at % message.length;
      const damaged = cut ? message.subarray(0, place) : message;
      if (!cut) damaged.writeUInt8(byte, place);
      const data = seal(damaged);
      const found = deaggregate(record(data));
      assert.ok(found.every(({ aggregated }) => aggregated) || found[0]?.data === data);
    });
    fc.assert(property, { seed: 3, numRuns: 500 });
  });

  test('ignores unknown fields', () => {
    const message = new BinaryWriter()
      .raw(encodeMessage([{ partitionKey: 'a', data: Buffer.from('x') }]))
      .tag(9, WireType.Varint)
      .uint64(2n ** 64n - 1n)
      .tag(10, WireType.Bit64)
      .fixed64(1)
      .tag(11, WireType.Bit32)
      .fixed32(1)
      .tag(12, WireType.LengthDelimited)
      .string('new')
      .finish();
    assert.equal(deaggregate(record(seal(message))).length, 1);
  });

  test('returns a record with a key index outside its table unchanged', () => {
    const message = new BinaryWriter()
      .tag(3, WireType.LengthDelimited)
      .fork()
      .tag(1, WireType.Varint)
      .uint64(3)
      .tag(3, WireType.LengthDelimited)
      .bytes(Buffer.from('x'))
      .join()
      .finish();
    const data = seal(message);
    assert.deepEqual(deaggregate(record(data)), plain(data));
  });

  test('returns nothing of a record with a key of another shard', () => {
    const [low = '', high = ''] = ['a', 'b'].sort((left, right) => (hashOf(left) < hashOf(right) ? -1 : 1));
    const lower = { startingHashKey: 0n, endingHashKey: hashOf(high) - 1n };
    const data = Buffer.from('x');
    assert.equal(deaggregate(record(aggregate([{ partitionKey: low, data }])), lower).length, 1);
    const both = aggregate([
      { partitionKey: low, data },
      { partitionKey: high, data },
    ]);
    assert.deepEqual(deaggregate(record(both), lower), []);
    assert.equal(deaggregate(record(both)).length, 2, 'without a shard nothing is left out');
    const moved = aggregate([{ partitionKey: high, explicitHashKey: '0', data }]);
    assert.equal(deaggregate(record(moved), lower).length, 1, 'an explicit hash key counts instead');
  });
});
