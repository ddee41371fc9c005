import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkFilterPolicy, filterOf } from '../../../src/services/sns/filter-policy.ts';
import type { MessageAttribute } from '../../../src/services/sns/notification.ts';

const text = (Value: string): MessageAttribute => ({ Type: 'String', Value });
const number = (Value: string): MessageAttribute => ({ Type: 'Number', Value });
const list = (...values: unknown[]): MessageAttribute => ({
  Type: 'String.Array',
  Value: JSON.stringify(values),
});

describe('filters on attributes', () => {
  const cases: readonly (readonly [object, Record<string, MessageAttribute>, boolean])[] = [
    [{ a: ['x', 'y'] }, { a: text('y') }, true],
    [{ a: ['x', 'y'] }, { a: text('z') }, false],
    [{ a: ['x'] }, {}, false],
    // Every name has to match, one value of each.
    [{ a: ['x'], b: ['y'] }, { a: text('x') }, false],
    [{ a: ['x'], b: ['y'] }, { a: text('x'), b: text('y') }, true],
    [{ a: [1] }, { a: number('1.0') }, true],
    [{ a: [1] }, { a: text('1') }, false],
    [{ a: [{ prefix: 'or' }] }, { a: text('order') }, true],
    [{ a: [{ suffix: '.png' }] }, { a: text('a.png') }, true],
    [{ a: [{ suffix: '.png' }] }, { a: text('a.jpg') }, false],
    [{ a: [{ 'equals-ignore-case': 'Tea' }] }, { a: text('tEA') }, true],
    [{ a: [{ wildcard: 'a*b*c' }] }, { a: text('a-b-b-c') }, true],
    [{ a: [{ wildcard: 'a*b*c' }] }, { a: text('a-c') }, false],
    [{ a: [{ wildcard: 'ab*ba' }] }, { a: text('aba') }, false],
    [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: text('z') }, true],
    [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: text('x') }, false],
    [{ a: [{ 'anything-but': 'x' }] }, {}, false],
    [{ a: [{ 'anything-but': { prefix: 'or' } }] }, { a: text('order') }, false],
    [{ a: [{ 'anything-but': { prefix: 'or' } }] }, { a: text('note') }, true],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: number('5') }, true],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: number('0') }, false],
    [{ a: [{ numeric: ['=', 5] }] }, { a: text('5') }, false],
    [{ a: [{ exists: true }] }, { a: text('anything') }, true],
    [{ a: [{ exists: true }] }, {}, false],
    [{ a: [{ exists: false }] }, {}, true],
    [{ a: [{ exists: false }] }, { a: text('anything') }, false],
    [{ a: [{ cidr: '10.1.0.0/16' }] }, { a: text('10.1.200.3') }, true],
    [{ a: [{ cidr: '10.1.0.0/16' }] }, { a: text('10.2.0.1') }, false],
    [{ a: ['x'] }, { a: list('y', 'x') }, true],
    [{ a: [true, null] }, { a: list(null) }, true],
    [{ a: ['x'] }, { a: { Type: 'Binary', Value: 'eA==' } }, false],
    [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: text('y') }, true],
    [{ $or: [{ a: ['x'] }, { b: ['y'] }], c: ['z'] }, { b: text('y') }, false],
  ];
  for (const [policy, attributes, expected] of cases) {
    test(`${JSON.stringify(policy)} ${expected ? 'accepts' : 'rejects'} ${JSON.stringify(attributes)}`, () => {
      const subscription = { FilterPolicy: JSON.stringify(policy) };
      assert.equal(filterOf({ message: 'm', attributes })(subscription), expected);
    });
  }
});

describe('filters on the body', () => {
  const cases: readonly (readonly [object, string, boolean])[] = [
    [{ a: { b: ['x'] } }, '{"a":{"b":"x"}}', true],
    [{ a: { b: ['x'] } }, '{"a":{"b":["y","x"]}}', true],
    [{ a: { b: ['x'] } }, '{"a":[{"b":"y"},{"b":"x"}]}', true],
    [{ a: { b: ['x'] } }, '{"a":"x"}', false],
    [{ a: { b: [{ exists: false }] } }, '{}', true],
    // Both recorded on AWS: test_filter_policy_on_message_body_dot_attribute, ..._array_of_object_attributes.
    [{ 'object.nested': ['x'] }, '{"object":{"nested":"x"}}', true],
    [{ 'object.nested': ['x'] }, '{"object.nested":"x"}', true],
    [{ a: { b: ['x'] } }, '{"a":[[{"b":"x"}]]}', true],
    [{ a: [{ cidr: '2001:db8::/32' }] }, '{"a":"2001:db8::7"}', true],
    [{ a: ['x'] }, 'no JSON', false],
    [{ a: ['x'] }, '["x"]', false],
    [{ toString: [{ exists: true }] }, '{}', false],
  ];
  for (const [policy, message, expected] of cases) {
    test(`${JSON.stringify(policy)} ${expected ? 'accepts' : 'rejects'} ${message}`, () => {
      const subscription = {
        FilterPolicy: JSON.stringify(policy),
        FilterPolicyScope: 'MessageBody',
      } as const;
      assert.equal(filterOf({ message, attributes: undefined })(subscription), expected);
    });
  }
});

test('an invalid policy is refused', () => {
  for (const policy of [
    'nonsense',
    '[]',
    '{"a":"x"}',
    '{"a":[]}',
    '{"a":{"b":["x"]}}',
    '{"a":[{"near":"x"}]}',
    '{"a":[{"prefix":1}]}',
    '{"a":[{"numeric":["~",1]}]}',
    '{"a":[{"numeric":[">",1,"=",2]}]}',
    '{"a":[{"exists":"yes"}]}',
    '{"a":[{"cidr":"10.0.0.0/33"}]}',
    '{"$or":[{"a":["x"]}]}',
    '{"a":[["x"]]}',
  ]) {
    assert.throws(() => checkFilterPolicy(policy, 'MessageAttributes'), /FilterPolicy/, policy);
  }
});

function keys(count: number): string {
  return JSON.stringify(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, ['x']])),
  );
}

function values(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `v${index}`);
}

// SNS's guide, "Filter policy constraints".
test('the maximum is five keys and 150 combinations', () => {
  checkFilterPolicy(keys(5), 'MessageAttributes');
  assert.throws(() => checkFilterPolicy(keys(6), 'MessageAttributes'), /more than 5 keys/);
  checkFilterPolicy(JSON.stringify({ a: values(15), b: values(10) }), 'MessageAttributes');
  assert.throws(
    () => checkFilterPolicy(JSON.stringify({ a: values(151) }), 'MessageAttributes'),
    /Filter policy is too complex/,
  );
  // On the body each key counts by its depth: 5 x 1, 10 x 2, 2 x 2.
  assert.throws(
    () =>
      checkFilterPolicy(JSON.stringify({ a: values(5), b: { c: values(10), d: values(2) } }), 'MessageBody'),
    /Filter policy is too complex/,
  );
  checkFilterPolicy(JSON.stringify({ $or: [{ a: values(100) }, { b: values(50) }] }), 'MessageAttributes');
});

/** A body of 170 KB to 400 filter policies took 1.5 seconds of the only thread: each policy parsed it. */
test('the body of a message is parsed once for all policies', ({ mock }) => {
  const message = JSON.stringify({ a: 'x7' });
  const policies = Array.from({ length: 100 }, (_, n) => ({
    FilterPolicy: JSON.stringify({ a: [`x${n}`] }),
    FilterPolicyScope: 'MessageBody' as const,
  }));
  const parse = mock.method(JSON, 'parse');
  const accepted = policies.filter(filterOf({ message, attributes: undefined }));
  assert.equal(accepted.length, 1);
  assert.equal(parse.mock.calls.filter(({ arguments: [text] }) => text === message).length, 1);
});
