import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError, WireReader } from '../../../src/engine/kafka/wire-reader.ts';
import { WireWriter } from '../../../src/engine/kafka/wire-writer.ts';

function written(write: (writer: WireWriter) => void, capacity?: number): Buffer {
  const writer = new WireWriter(capacity);
  write(writer);
  const bytes = Buffer.concat(writer.finish());
  assert.equal(bytes.length, writer.length);
  return bytes;
}

test('what is written is read, in a buffer that has to grow', () => {
  const external = Buffer.from('not copied');
  const bytes = written((writer) => {
    writer
      .int8(-1)
      .bool(true)
      .int16(-2)
      .int32(-3)
      .uint32(0xfffffffe)
      .int64(-5n)
      .int64(2 ** 53 - 1);
    writer.string('nagare').string(null).bytes(Buffer.from('abc')).append([external]);
    for (const value of [0, -1, 1, 63, 64, -65, 2 ** 31 - 1, -(2 ** 31)]) writer.varint(value);
    writer.array([7, 8], (each, value) => each.int32(value));
  }, 1);
  const reader = new WireReader(bytes);
  assert.deepEqual(
    [reader.int8(), reader.bool(), reader.int16(), reader.int32(), reader.uint32(), reader.int64()],
    [-1, true, -2, -3, 0xfffffffe, -5n],
  );
  assert.equal(reader.number64(), 2 ** 53 - 1);
  assert.deepEqual([reader.string(), reader.nullableString()], ['nagare', undefined]);
  assert.equal(reader.bytes().toString(), 'abc');
  assert.equal(reader.raw(external.length).toString(), 'not copied');
  const varints = Array.from({ length: 8 }, () => reader.varint());
  assert.deepEqual(varints, [0, -1, 1, 63, 64, -65, 2 ** 31 - 1, -(2 ** 31)]);
  assert.deepEqual(
    reader.array(() => reader.int32()),
    [7, 8],
  );
  assert.equal(reader.left, 0);
});

test('appended parts are sent from where they are', () => {
  const part = Buffer.from('a large part');
  const parts = new WireWriter().int32(1).append([part]).int32(2).finish();
  assert.equal(parts.length, 3);
  assert.equal(parts[1], part);
});

test('lengths that exceed what is there are refused before anything is allocated', () => {
  const many = written((writer) => writer.int32(2_000_000_000).int32(0));
  assert.throws(() => new WireReader(many).array(() => 0), WireError);
  assert.throws(() => new WireReader(many).bytes(), WireError);
  assert.throws(() => new WireReader(written((writer) => writer.int16(9).int8(0))).string(), WireError);
  assert.throws(() => new WireReader(Buffer.alloc(3)).int32(), WireError);
  assert.throws(() => new WireReader(Buffer.alloc(9, 0xff)).varint(), WireError);
  assert.throws(() => new WireReader(written((writer) => writer.int64(2n ** 60n))).number64(), WireError);
});
