import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  formatSequenceNumber,
  LAST_ORDINAL,
  parseSequenceNumber,
  type SequenceNumber,
  SHARD_INDEX_MAX,
} from '../../../../src/services/kinesis/records/sequence-number.ts';

const seconds = fc.integer({ min: 0, max: 16 ** 9 - 1 });
const anyNumber: fc.Arbitrary<SequenceNumber> = fc.record(
  {
    shardCreatedSeconds: seconds,
    shardIndex: fc.integer({ min: 0, max: SHARD_INDEX_MAX }),
    ordinal: fc.bigInt({ min: 0n, max: LAST_ORDINAL }),
    arrivalSeconds: seconds,
  },
  { noNullPrototype: true },
);

test('a sequence number has 56 digits and contains its fields', () => {
  fc.assert(
    fc.property(anyNumber, (number) => {
      const decimal = formatSequenceNumber(number);
      assert.match(decimal, /^\d{56}$/);
      assert.deepEqual(parseSequenceNumber(decimal), number);
    }),
  );
});

test("the numbers in AWS's documentation are parsed, and formatted unchanged", () => {
  const examples = {
    // DescribeStream in the reference of the AWS CLI: a shard's StartingSequenceNumber.
    '49600871682957036442365024926191073437251060580128653314': { shardIndex: 0, ordinal: 0n },
    // The events in the developer guide of AWS Lambda.
    '49546986683135544286507457936321625675700192471156785154': { shardIndex: 0, ordinal: 469n },
    '49590338271490256608559692538361571095921575989136588898': { shardIndex: 6, ordinal: 1734642199n },
  };
  for (const [decimal, { shardIndex, ordinal }] of Object.entries(examples)) {
    const number = parseSequenceNumber(decimal);
    assert(number !== undefined);
    assert.equal(number.shardIndex, shardIndex);
    assert.equal(number.ordinal, ordinal);
    assert.equal(formatSequenceNumber(number), decimal);
  }
});

test('later records have greater numbers, whenever they arrived', () => {
  fc.assert(
    fc.property(anyNumber, seconds, fc.bigInt({ min: 1n, max: 1000n }), (number, arrivalSeconds, step) => {
      fc.pre(number.ordinal + step <= LAST_ORDINAL);
      const later = { ...number, ordinal: number.ordinal + step, arrivalSeconds };
      assert(BigInt(formatSequenceNumber(number)) < BigInt(formatSequenceNumber(later)));
    }),
  );
});

test('every number of a later shard is above every number of an earlier one', () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, (number, other) => {
      fc.pre(number.shardCreatedSeconds < 16 ** 9 - 1);
      const child = { ...other, shardCreatedSeconds: number.shardCreatedSeconds + 1, ordinal: 0n };
      const last = { ...number, ordinal: LAST_ORDINAL };
      assert(BigInt(formatSequenceNumber(last)) < BigInt(formatSequenceNumber(child)));
    }),
  );
});

test('anything but a sequence number of this layout is rejected', () => {
  const good = formatSequenceNumber({
    shardCreatedSeconds: 1,
    shardIndex: 17,
    ordinal: 5n,
    arrivalSeconds: 2,
  });
  const change = (digit: number, to: string) => {
    const hex = BigInt(good).toString(16);
    return BigInt(`0x${hex.slice(0, digit)}${to}${hex.slice(digit + 1)}`).toString();
  };
  for (const bad of ['', '0', 'a'.repeat(56), good.slice(1), `${good}0`, change(46, '1'), change(0, '3')]) {
    assert.equal(parseSequenceNumber(bad), undefined, bad);
  }
  assert.equal(parseSequenceNumber(change(10, '2')), undefined, 'the last digit of another shard');
  assert.equal(parseSequenceNumber(change(27, '1')), undefined, 'something where nothing belongs');
  assert.equal(parseSequenceNumber(change(11, '8')), undefined, 'an ordinal above the highest');
});
