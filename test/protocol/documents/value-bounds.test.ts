import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { protocolLimits } from '../../../src/protocol/limits.ts';
import { checkJsonBounds } from '../../../src/protocol/documents/value-bounds.ts';
import { SerializationError } from '../../../src/protocol/serialization-error.ts';

const check = (text: string): void => checkJsonBounds(Buffer.from(text));
const list = (count: number): string => `[${'1,'.repeat(count - 1)}1]`;
const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2);

test('whatever brackets and commas a text holds, they are no values', () => {
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

test('as many values as are allowed, and not one more', () => {
  check(list(protocolLimits.requestValuesMax));
  assert.throws(() => check(list(protocolLimits.requestValuesMax + 1)), /more than 524288 values/);
});

test('as deep as is allowed, and not one level more', () => {
  check(nested(protocolLimits.requestDepthMax));
  assert.throws(() => check(nested(protocolLimits.requestDepthMax + 2)), SerializationError);
  check(`[${nested(protocolLimits.requestDepthMax - 1)},${nested(protocolLimits.requestDepthMax - 1)}]`);
});

test('what is no JSON is left to the parser', () => {
  for (const text of ['', '"', '"\\', '}}}', '"\\"', '{"a"']) check(text);
});
