import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSubject, refuses } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;

function numbered(from: number, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`k${(from + i).toString().padStart(2, '0')}`, 'v']),
  );
}

test('tags given at creation or added later are listed by key, by both APIs', async () => {
  const StreamName = await subject.stream({ Tags: { b: '2' } });
  await kinesis.addTagsToStream({ StreamName, Tags: { a: '1', c: '' } });
  const ResourceARN = await subject.arn(StreamName);
  await kinesis.tagResource({ ResourceARN, Tags: { b: 'two', d: '4' } });
  const expected = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: 'two' },
    { Key: 'c', Value: '' },
    { Key: 'd', Value: '4' },
  ];
  const { Tags, HasMoreTags } = await kinesis.listTagsForStream({ StreamName });
  assert.deepEqual([Tags, HasMoreTags], [expected, false]);
  const byArn = await kinesis.listTagsForResource({ ResourceARN });
  assert.deepEqual(
    byArn.Tags?.toSorted((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1)),
    expected,
  );
});

test('tags are listed in pages', async () => {
  const StreamName = await subject.stream({ Tags: numbered(0, 5) });
  const first = await kinesis.listTagsForStream({ StreamName, Limit: 3 });
  assert.deepEqual([first.Tags?.map(({ Key }) => Key), first.HasMoreTags], [['k00', 'k01', 'k02'], true]);
  const rest = await kinesis.listTagsForStream({ StreamName, ExclusiveStartTagKey: 'k02' });
  assert.deepEqual([rest.Tags?.map(({ Key }) => Key), rest.HasMoreTags], [['k03', 'k04'], false]);
});

test('tags can be removed; missing keys are ignored', async () => {
  const StreamName = await subject.stream({ Tags: { a: '1', b: '2', c: '3' } });
  await kinesis.removeTagsFromStream({ StreamName, TagKeys: ['a', 'nothing'] });
  await kinesis.untagResource({ ResourceARN: await subject.arn(StreamName), TagKeys: ['b'] });
  const { Tags } = await kinesis.listTagsForStream({ StreamName });
  assert.deepEqual(Tags, [{ Key: 'c', Value: '3' }]);
});

test('a stream can have 50 tags', async () => {
  const StreamName = await subject.stream({ Tags: numbered(0, 45) });
  await kinesis.addTagsToStream({ StreamName, Tags: numbered(45, 5) });
  await refuses(
    kinesis.addTagsToStream({ StreamName, Tags: { more: 'v' } }),
    'InvalidArgumentException',
    /cannot have more than 50 tags associated with it\.$/,
  );
  await kinesis.addTagsToStream({ StreamName, Tags: { k00: 'another' } });
});

test('some characters and lengths are not allowed in tags', async () => {
  const StreamName = await subject.stream();
  const add = (Tags: Record<string, string>) => kinesis.addTagsToStream({ StreamName, Tags });
  const characters =
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, ' +
    '_ . / = + - % @ :.';
  await refuses(add({ 'a;b': 'v' }), 'InvalidArgumentException', characters);
  await refuses(add({ a: 'v&w' }), 'InvalidArgumentException', characters);
  await add({ 'ключ ä_./=+-%@:': 'значение' });
  await refuses(
    add({ ['k'.repeat(129)]: 'v' }),
    'ValidationException',
    /at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: \[Member must have length less than or equal to 128/,
  );
  await refuses(
    add({ k: 'v'.repeat(257) }),
    'ValidationException',
    /at 'tags' failed to satisfy constraint: Map value must satisfy constraint: \[Member must have length less than or equal to 256/,
  );
  await refuses(add({}), 'ValidationException', /at 'tags' .* greater than or equal to 1/);
});
