import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { protocolLimits } from '../../../src/protocol/limits.ts';
import { checkJsonBounds } from '../../../src/protocol/documents/value-bounds.ts';
import { SerializationError } from '../../../src/protocol/serialization-error.ts';

const check = (text: string): void => checkJsonBounds(Buffer.from(text));
const list = (count: number): string => `[${'1,'.repeat(count - 1)}1]`;
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

test('invalid JSON is left to the parser', () => {
  for (const text of ['', '"', '"\\', '}}}', '"\\"', '{"a"']) check(text);
});
