import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileEventPattern } from '../../../src/aws/event-pattern/event-pattern.ts';
import { EventPatternError, type JsonObject } from '../../../src/aws/event-pattern/types.ts';

/** Values follow aws/event-ruler's JsonRuleCompiler, Ruler and their tests, and SNS's answers recorded on AWS. */

function matches(pattern: object, event: object): boolean {
  return compileEventPattern(pattern)(event as JsonObject);
}

function stored(pattern: object, event: object): boolean {
  return compileEventPattern(pattern, { isStored: true })(event as JsonObject);
}

describe('a pattern matches', () => {
  const cases: readonly (readonly [string, object, readonly object[], readonly object[]])[] = [
    [
      'scalars by type',
      { a: ['x', 1, null, true] },
      [{ a: 'x' }, { a: 1 }, { a: null }, { a: true }],
      [{ a: '1' }, { a: 'true' }, {}],
    ],
    ['all members', { a: [1], b: [2] }, [{ a: 1, b: 2 }], [{ a: 1 }, { a: 1, b: 3 }]],
    ['nested members', { a: { b: ['x'] } }, [{ a: { b: 'x' } }], [{ a: 'x' }, { b: 'x' }]],
    // Recorded on AWS: SNS's test_filter_policy_on_message_body_dot_attribute.
    [
      'a name with dots as a path and as a name',
      { 'object.nested': ['x'] },
      [{ object: { nested: 'x' } }, { 'object.nested': 'x' }],
      [{ object: 'x' }, { nested: 'x' }],
    ],
    [
      'a path by a name with dots',
      { a: { 'b.c': ['x'] } },
      [{ a: { b: { c: 'x' } } }, { 'a.b': { c: 'x' } }, { 'a.b.c': 'x' }],
      [{ a: { b: 'x' } }],
    ],
    ['one element of an array', { a: ['x'] }, [{ a: ['w', 'x'] }], [{ a: ['w'] }, { a: [] }]],
    // Recorded on AWS: SNS's ..._array_of_object_attributes.
    [
      'arrays in arrays',
      { a: { b: ['x'] } },
      [{ a: [[{ b: 'x' }]] }, { a: [[[{ b: [['x']] }]]] }],
      [{ a: [[{ b: 'y' }]] }],
    ],
    // event-ruler: ArrayMembership.
    [
      'members of the same element',
      { a: { b: [1], c: [2] } },
      [{ a: [{ b: 1, c: 2 }] }],
      [{ a: [{ b: 1 }, { c: 2 }] }],
    ],
    [
      'members of the same element by names with dots',
      { 'a.b': [1], 'a.c': [2] },
      [{ a: [{ b: 1, c: 2 }] }],
      [{ a: [{ b: 1 }, { c: 2 }] }],
    ],
    ['exists', { a: [{ exists: true }] }, [{ a: null }, { a: [0] }], [{}, { a: {} }, { a: [] }]],
    ['absence', { a: [{ exists: false }] }, [{}, { a: {} }, { a: { b: 1 } }], [{ a: 1 }, { a: null }]],
    [
      'absence in the whole event',
      { a: { b: [1], c: [{ exists: false }] } },
      [{ a: [{ b: 1 }] }],
      [{ a: [{ b: 1 }, { c: 1 }] }],
    ],
    ['absence or a value', { a: [{ exists: false }, 'x'] }, [{}, { a: 'x' }], [{ a: 'y' }]],
    ['prefix', { a: [{ prefix: 'ab' }] }, [{ a: 'abc' }], [{ a: 'cab' }, { a: 1 }]],
    ['prefix in any case', { a: [{ prefix: { 'equals-ignore-case': 'AB' } }] }, [{ a: 'aBc' }], [{ a: 'b' }]],
    [
      'suffix in any case',
      { a: [{ suffix: { 'equals-ignore-case': 'AB' } }] },
      [{ a: 'caB' }],
      [{ a: 'abc' }],
    ],
    ['equals-ignore-case', { a: [{ 'equals-ignore-case': 'Ab' }] }, [{ a: 'aB' }], [{ a: 'abc' }]],
    [
      'wildcard',
      { a: [{ wildcard: 'a*b*c' }] },
      [{ a: 'abc' }, { a: 'a-b-b-c' }],
      [{ a: 'ac' }, { a: 'abcd' }],
    ],
    ['wildcard without overlap', { a: [{ wildcard: 'ab*ba' }] }, [{ a: 'abba' }], [{ a: 'aba' }]],
    ['wildcard with escapes', { a: [{ wildcard: 'a\\*b\\\\' }] }, [{ a: 'a*b\\' }], [{ a: 'axb\\' }]],
    [
      'anything-but texts',
      { a: [{ 'anything-but': ['x', 'y'] }] },
      [{ a: 'z' }, { a: 1 }, { a: null }],
      [{ a: 'x' }, {}],
    ],
    ['anything-but numbers', { a: [{ 'anything-but': 1 }] }, [{ a: 2 }, { a: '1' }], [{ a: 1 }]],
    [
      'anything-but prefixes',
      { a: [{ 'anything-but': { prefix: ['x', 'y'] } }] },
      [{ a: 'ax' }, { a: 5 }],
      [{ a: 'xa' }, { a: 'ya' }],
    ],
    ['anything-but suffix', { a: [{ 'anything-but': { suffix: 'x' } }] }, [{ a: 'xa' }], [{ a: 'ax' }]],
    ['anything-but wildcard', { a: [{ 'anything-but': { wildcard: 'x*' } }] }, [{ a: 'ax' }], [{ a: 'xa' }]],
    [
      'anything-but in any case',
      { a: [{ 'anything-but': { 'equals-ignore-case': 'X' } }] },
      [{ a: 'xx' }],
      [{ a: 'x' }],
    ],
    ['numeric', { a: [{ numeric: ['>', 1, '<=', 5] }] }, [{ a: 5 }, { a: 1.5 }], [{ a: 1 }, { a: '3' }]],
    ['numeric equality', { a: [{ numeric: ['=', 3.018e2] }] }, [{ a: 301.8 }], [{ a: 301 }]],
    [
      'cidr of IPv4',
      { a: [{ cidr: '10.1.0.0/16' }] },
      [{ a: '10.1.200.3' }],
      [{ a: '10.2.0.1' }, { a: 'x' }, { a: '::ffff:10.1.0.1' }],
    ],
    [
      'cidr of IPv6',
      { a: [{ cidr: '2001:db8::/32' }] },
      [{ a: '2001:DB8:0::1' }],
      [{ a: '2001:db9::1' }, { a: '10.0.0.1' }],
    ],
    [
      'an IPv6 address in another notation',
      { a: ['2001:db8::1'] },
      [{ a: '2001:0db8:0:0::1' }],
      [{ a: '2001:db8::2' }],
    ],
    [
      '$or',
      { $or: [{ a: [1] }, { b: [2] }], c: [3] },
      [
        { a: 1, c: 3 },
        { b: 2, c: 3 },
      ],
      [{ a: 1 }, { c: 3 }],
    ],
    ['nested $or', { a: { $or: [{ b: [1] }, { c: [2] }] } }, [{ a: { c: 2 } }], [{ a: { b: 2 } }]],
    ['names of Object.prototype', { toString: [{ exists: true }] }, [{ toString: 'x' }], [{}]],
  ];
  for (const [name, pattern, matching, others] of cases) {
    test(name, () => {
      for (const event of matching) assert.equal(matches(pattern, event), true, JSON.stringify(event));
      for (const event of others) assert.equal(matches(pattern, event), false, JSON.stringify(event));
    });
  }

  test('an event with arrays nested a hundred thousand deep', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}"x"${']'.repeat(100_000)}`);
    assert.equal(matches({ a: ['x'] }, { a: deep }), true);
  });
});

describe('a pattern is refused', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [[], /not an object/],
    [{}, /Empty objects/],
    [{ a: {} }, /Empty objects/],
    [{ a: 'x' }, /must be an object or an array/],
    [{ a: [] }, /Empty arrays/],
    [{ a: [['x']] }, /Match value must be/],
    [{ a: [{}] }, /Match expression name not found/],
    [{ a: [{ near: 'x' }] }, /Unrecognized match type near/],
    [{ a: [{ prefix: 'a', suffix: 'b' }] }, /Only one key/],
    [{ a: [{ prefix: 1 }] }, /prefix match pattern must be a string/],
    [{ a: [{ prefix: { prefix: 'a' } }] }, /Unsupported prefix pattern/],
    [{ a: [{ exists: 1 }] }, /exists match pattern/],
    [{ a: [{ 'anything-but': [] }] }, /anything but list/],
    [{ a: [{ 'anything-but': [null] }] }, /null\|boolean is not supported/],
    [{ a: [{ 'anything-but': true }] }, /null\|boolean is not supported/],
    [{ a: [{ 'anything-but': ['x', 1] }] }, /mixed type/],
    [{ a: [{ 'anything-but': { prefix: 'a', suffix: 'b' } }] }, /Too many elements/],
    [{ a: [{ 'anything-but': { prefix: '' } }] }, /Null prefix/],
    [{ a: [{ 'anything-but': { numeric: ['=', 1] } }] }, /Unsupported anything-but/],
    [{ a: [{ wildcard: 'a**b' }] }, /Consecutive wildcard/],
    [{ a: [{ wildcard: 'a\\b' }] }, /Invalid escape/],
    [{ a: [{ numeric: '=' }] }, /must be an array/],
    [{ a: [{ numeric: ['>'] }] }, /Invalid member/],
    [{ a: [{ numeric: ['!', 1] }] }, /Unrecognized numeric range operator/],
    [{ a: [{ numeric: ['constructor', 1] }] }, /Unrecognized numeric range operator/],
    [{ a: [{ numeric: ['>', '1'] }] }, /must be numeric/],
    [{ a: [{ numeric: ['=', 1, '=', 2] }] }, /Too many elements/],
    // Refused by SNS as recorded on AWS.
    [{ a: [{ numeric: ['<', 100, '>', 10] }] }, /Too many elements/],
    [{ a: [{ numeric: ['>=', 1, '>', 2] }] }, /Bad numeric range operator/],
    [{ a: [{ numeric: ['>', 3, '<', 1] }] }, /Bottom must be less than top/],
    [{ a: [{ cidr: '10.0.0.0' }] }, /one '\/' required/],
    [{ a: [{ cidr: '10.0.0.0/32' }] }, /must be < 32/],
    [{ a: [{ cidr: '2001:db8::/128' }] }, /must be < 128/],
    [{ a: [{ cidr: 'x/8' }] }, /Nonstandard IP address/],
    [{ $or: { a: [1] } }, /must be an Array/],
    [{ $or: [{ a: [1] }] }, /at least 2/],
    [{ $or: [1, 2] }, /Only JSON object/],
  ];
  for (const [pattern, message] of cases) {
    test(JSON.stringify(pattern), () => {
      assert.throws(
        () => compileEventPattern(pattern),
        (error) => error instanceof EventPatternError && message.test(error.message),
      );
    });
  }

  test('with an operator that the service does not support', () => {
    const rules = { operators: new Set(['prefix'] as const) };
    assert.throws(
      () => compileEventPattern({ a: [{ suffix: 'x' }] }, rules),
      /Unrecognized match type suffix/,
    );
  });
});

describe('a stored pattern keeps its meaning from older versions', () => {
  test('a mixed list of anything-but', () => {
    const pattern = { a: [{ 'anything-but': ['x', 1, null] }] };
    assert.deepEqual(
      [{ a: 'x' }, { a: 1 }, { a: null }, { a: 2 }].map((event) => stored(pattern, event)),
      [false, false, false, true],
    );
  });

  test('the first of two operators of anything-but', () => {
    const pattern = { a: [{ 'anything-but': { prefix: 'a', suffix: 'b' } }] };
    assert.deepEqual(
      [{ a: 'ax' }, { a: 'xb' }].map((event) => stored(pattern, event)),
      [false, true],
    );
  });

  test('two stars, one alternative, a range in any order, a block of one address', () => {
    assert.equal(stored({ a: [{ wildcard: 'a**b' }] }, { a: 'axb' }), true);
    assert.equal(stored({ $or: [{ a: [1] }] }, { a: 1 }), true);
    assert.equal(stored({ a: [{ numeric: ['<', 100, '>', 10] }] }, { a: 50 }), true);
    assert.equal(stored({ a: [{ cidr: '10.0.0.1/32' }] }, { a: '10.0.0.1' }), true);
  });
});
