import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../../src/engine/kafka/crc32c.ts';
import { encodeBatch, readBatches, type Compression } from '../../../src/engine/kafka/record-batch.ts';
import { WireError } from '../../../src/engine/kafka/wire-reader.ts';

const producer = { id: 77n, epoch: 5 };

async function batchOf(text: string, sequence = 0, compression: Compression = 'none'): Promise<Buffer> {
  return Buffer.concat(await encodeBatch([Buffer.from(text)], producer, sequence, compression));
}

/** As a broker does when it stores the batch. */
function storedAt(batch: Buffer, offset: number): Buffer {
  batch.writeBigInt64BE(BigInt(offset), 0);
  return batch;
}

test('a batch has the fields, the length and the checksum of format 2', async () => {
  const batch = await batchOf('value', 9);
  assert.equal(batch.readInt32BE(8), batch.length - 12);
  assert.equal(batch.readInt8(16), 2);
  assert.equal(batch.readUInt32BE(17), crc32c([batch.subarray(21)]));
  assert.equal(batch.readInt16BE(21), 0);
  assert.equal(batch.readBigInt64BE(43), 77n);
  assert.equal(batch.readInt16BE(51), 5);
  assert.equal(batch.readInt32BE(53), 9);
  assert.equal(batch.readInt32BE(57), 1);
  // length 11, no attributes, no deltas, no key, value of 5 bytes, no headers.
  assert.equal(batch.subarray(61).toString('hex'), `16000000010a${Buffer.from('value').toString('hex')}00`);
});

test('values are not copied into a batch', async () => {
  const value = [Buffer.from('one'), Buffer.from('two')];
  const parts = await encodeBatch(value, producer, 0, 'none');
  assert.ok(value.every((part) => parts.includes(part)));
});

test('batches are read from an offset on, and one that is cut is left for the next fetch', async () => {
  const batches = [storedAt(await batchOf('a', 0), 10), storedAt(await batchOf('b', 1), 11)];
  const cut = storedAt(await batchOf('c', 2), 12).subarray(0, -1);
  const found = await readBatches(Buffer.concat([...batches, cut]), 11);
  assert.deepEqual(
    found.map((record) => ({ ...record, value: record.value.toString() })),
    [{ offset: 11, producer, sequence: 1, value: 'b' }],
  );
});

test('a compressed batch is smaller, and read as what it was', async () => {
  const text = 'nagare '.repeat(10_000);
  const batch = await batchOf(text, 0, 'zstd');
  assert.ok(batch.length < 1000);
  assert.equal(batch.readInt16BE(21), 4);
  const [record] = await readBatches(batch, 0);
  assert.equal(record?.value.toString(), text);
});

test('what compression would make larger is stored as it is', async () => {
  const batch = await batchOf('x', 0, 'zstd');
  assert.equal(batch.readInt16BE(21), 0);
});

test('damaged batches are refused, not read', async () => {
  const format = await batchOf('x');
  format.writeInt8(1, 16);
  await assert.rejects(readBatches(format, 0), WireError);
  const gzip = await batchOf('x');
  gzip.writeInt16BE(1, 21);
  await assert.rejects(readBatches(gzip, 0), WireError);
  const many = await batchOf('x');
  many.writeInt32BE(1_000_000, 57);
  await assert.rejects(readBatches(many, 0), WireError);
  const short = await batchOf('x');
  short.writeInt32BE(1, 8);
  await assert.rejects(readBatches(short, 0), WireError);
  const garbage = await batchOf('nagare '.repeat(100), 0, 'zstd');
  garbage.fill(0xaa, 70);
  await assert.rejects(readBatches(garbage, 0));
});

test('markers of transactions are no records', async () => {
  const control = await batchOf('x');
  control.writeInt16BE(32, 21);
  assert.deepEqual(await readBatches(control, 0), []);
});
