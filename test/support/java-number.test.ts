import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaNumber } from '../../src/support/java-number.ts';

test('numbers are formatted like Java doubles', () => {
  const expected: readonly (readonly [number, string])[] = [
    [21, '21.0'],
    [99.5, '99.5'],
    [0, '0.0'],
    [-3, '-3.0'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [12_345_678.5, '1.23456785E7'],
    [0.001, '0.001'],
    [0.000_25, '2.5E-4'],
    [1e21, '1.0E21'],
    [Infinity, 'Infinity'],
  ];
  for (const [number, text] of expected) assert.equal(javaNumber(number), text);
});
