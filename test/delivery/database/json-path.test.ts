import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonPath, valueAt } from '../../../src/delivery/database/json-path.ts';

describe('a JSON path', () => {
  it('finds members and elements, and returns undefined if they do not exist', () => {
    const document = { a: { 'b c': [10, { d: null }] }, "it's": 1, length: 2 };
    const at = (path: string) => valueAt(document, parseJsonPath(path));
    assert.equal(at('$'), document);
    assert.equal(at("$.a['b c'][0]"), 10);
    assert.equal(at("$.a['b c'][1].d"), null);
    assert.equal(at(String.raw`$['it\'s']`), 1);
    assert.equal(at("$.a['b c'].length"), undefined);
    assert.equal(at('$.a[0]'), undefined);
    assert.equal(at('$.toString'), undefined);
    assert.equal(at('$.length.x'), undefined);
  });

  for (const path of [
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$..a',
    '$[*]',
    '$[-1]',
    "$['a'",
    '$.a b',
    `$${'.a'.repeat(33)}`,
  ]) {
    it(`is refused as ${path === '' ? 'an empty text' : path.slice(0, 12)}`, () => {
      assert.throws(() => parseJsonPath(path), { name: 'DeliveryConfigurationError' });
    });
  }
});
