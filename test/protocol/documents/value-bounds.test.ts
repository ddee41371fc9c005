import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { protocolLimits } from '../../../src/protocol/limits.ts';
import { checkJsonBounds } from '../../../src/protocol/documents/value-bounds.ts';
import { SerializationError } from '../../../src/protocol/serialization-error.ts';

const check = (text: string): void => checkJsonBounds(Buffer.from(text));
const list = (count: number): string => `[${'1,'.repeat(count - 1)}1]`;
const object = (from: number, to: number): string =>
  `{${Array.from({ length: to - from }, (_, n) => `"n${from + n}" :"k:"`).join(',')}}`;
const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2);

test('brackets and commas in strings are not counted', () => {
  const { requestValuesMax: many } = protocolLimits;
  for (const text of [
    '[{,'.repeat(many),
    '\\"[,'.repeat(many),
    `${'\\\\'.repeat(40)}\\"${',['.repeat(many)}`,
  ]) {
    check(`{"a":"${text}"}`);
    check(`{"${text}":1}`);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const body = JSON.stringify({ [text]: [text, `${text}\\`, `${text}"`] });
      check(body);
      // Were the end of a text not found, what follows would not be counted.
      assert.throws(() => check(`[${body},${'[],'.repeat(many)}1]`), SerializationError);
    }),
    { seed: 4566, numRuns: 30 },
  );
});

test('the maximum number of values is allowed, and no more', () => {
  check(list(protocolLimits.requestValuesMax));
  assert.throws(() => check(list(protocolLimits.requestValuesMax + 1)), /more than 524288 values/);
});

test('the maximum depth is allowed, and no more', () => {
  check(nested(protocolLimits.requestDepthMax));
  assert.throws(() => check(nested(protocolLimits.requestDepthMax + 2)), SerializationError);
  check(`[${nested(protocolLimits.requestDepthMax - 1)},${nested(protocolLimits.requestDepthMax - 1)}]`);
});

/** A PutRecords of 15 MB with half a million names took two seconds of the only thread. */
test('the maximum number of different names is allowed, and not twice as many, in one object or in many', () => {
  const { requestNamesMax: many } = protocolLimits;
  const padding = ' '.repeat(8 * many);
  check(`[${object(0, many)},${object(0, many)},${object(0, many)}]${padding}`);
  const wrong = new RegExp(`more than ${many} different names`);
  assert.throws(() => check(object(0, 2 * many)), wrong);
  const small = Array.from({ length: many }, (_, n) => object(2 * n, 2 * n + 2));
  assert.throws(() => check(`[${small.join(',')}]`), wrong);
});

test('values are no names', () => {
  const texts = Array.from({ length: 2 * protocolLimits.requestNamesMax }, (_, n) => `"t${n}"`);
  check(`{"a":[${texts.join(',')}],"b":1}`);
});

test('invalid JSON is left to the parser', () => {
  for (const text of ['', '"', '"\\', '}}}', '"\\"', '{"a"']) check(text);
});
