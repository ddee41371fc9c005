import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagList, type TagRules, tagsOf, withoutTags, withTags } from '../../src/aws/tags.ts';

const rules: TagRules = {
  max: 2,
  duplicateKey: (key) => new Error(`twice: ${key}`),
  reservedKey: (key) => new Error(`reserved: ${key}`),
  invalidCharacters: () => new Error('characters'),
  tooMany: (max) => new Error(`more than ${max}`),
};

test("invalid tags are refused with the service's error", () => {
  const twice = [
    { Key: 'a', Value: '1' },
    { Key: 'a', Value: '2' },
  ];
  assert.throws(() => tagsOf(twice, rules), /twice: a/);
  assert.throws(() => withTags({}, { 'AWS:x': '1' }, rules), /reserved: AWS:x/);
  assert.throws(() => withTags({}, { a: 'x!' }, rules), /characters/);
  assert.throws(() => withTags({ a: '1', b: '2' }, { c: '3' }, rules), /more than 2/);
});

test('a tag key that is a member of every object is an ordinary key', () => {
  const tags = tagsOf([{ Key: 'constructor', Value: '1' }], rules);
  assert.deepEqual(tagList(withTags({ a: '0' }, tags, rules)), [
    { Key: 'a', Value: '0' },
    { Key: 'constructor', Value: '1' },
  ]);
  assert.deepEqual(withoutTags(tags, ['constructor', 'other']), {});
});
