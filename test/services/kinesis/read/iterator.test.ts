import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { IteratorCodec } from '../../../../src/services/kinesis/read/iterator.ts';

const fields = {
  streamId: 'abcdefghij0123456789-abc',
  streamName: 'n'.repeat(128),
  shardIndex: 2 ** 31 - 1,
  position: 2 ** 52 + 1,
  createdMs: 1_790_000_000_123,
};

test('an iterator decodes to its fields, also with the same key in another process', () => {
  const key = randomBytes(32);
  const token = new IteratorCodec(key).encode(fields);
  assert.deepEqual(new IteratorCodec(key).decode(token), fields);
});

test("it begins like AWS's and fits into the 512 characters that clients accept", () => {
  const token = new IteratorCodec(randomBytes(32)).encode(fields);
  assert(token.length <= 512);
  assert.deepEqual([...Buffer.from(token, 'base64').subarray(0, 8)], [0, 0, 0, 0, 0, 0, 0, 1]);
});

test('two iterators for the same position differ, and neither shows the stream', () => {
  const codec = new IteratorCodec(randomBytes(32));
  const [one, two] = [codec.encode(fields), codec.encode(fields)];
  assert.notEqual(one, two);
  assert(!Buffer.from(one, 'base64').includes('nnnn'));
});

test('a changed, truncated or invented one is invalid', () => {
  const codec = new IteratorCodec(randomBytes(32));
  const bytes = Buffer.from(codec.encode(fields), 'base64');
  for (let place = 0; place < bytes.length; place++) {
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 1;
    assert.equal(codec.decode(changed.toString('base64')), undefined, `byte ${place}`);
  }
  for (const token of [
    '',
    'x',
    '!!!',
    bytes.subarray(0, -1).toString('base64'),
    `${bytes.toString('base64')} `,
  ]) {
    assert.equal(codec.decode(token), undefined);
  }
  assert.equal(new IteratorCodec(randomBytes(32)).decode(bytes.toString('base64')), undefined);
});

test('it can be used for five minutes', () => {
  const codec = new IteratorCodec(randomBytes(32));
  const token = codec.encode(fields);
  assert.deepEqual(codec.open(token, fields.createdMs + 5 * 60_000), fields);
  assert.throws(() => codec.open(token, fields.createdMs + 5 * 60_000 + 1), {
    code: 'ExpiredIteratorException',
  });
  assert.throws(() => codec.open('invented', fields.createdMs), { code: 'InvalidArgumentException' });
});
