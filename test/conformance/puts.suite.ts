import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { HALF, LAST_HASH_KEY, openSubject, refuses, SHARD_0, SHARD_1, texts } from './subject.ts';

const MIB = 1024 * 1024;

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;
let StreamName: string;

before(async () => {
  StreamName = await subject.stream({ ShardCount: 2 });
});

function entries(count: number, bytes = 1) {
  return Array.from({ length: count }, (_, i) => ({ PartitionKey: `${i}`, Data: Buffer.alloc(bytes, 'x') }));
}

function putWithKey(PartitionKey: string) {
  return kinesis.putRecord({ StreamName, PartitionKey, Data: Buffer.from('x') });
}

test("a record goes to the shard of its partition key's MD5, or of its ExplicitHashKey", async () => {
  for (const key of ['a', 'b', 'c', 'ä🔑']) {
    const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    const { shard } = await subject.put(StreamName, key);
    assert.equal(shard, hash < BigInt(HALF) ? SHARD_0 : SHARD_1, key);
  }
  assert.equal((await subject.put(StreamName, 'low', '0')).shard, SHARD_0);
  assert.equal((await subject.put(StreamName, 'high', LAST_HASH_KEY)).shard, SHARD_1);
  await refuses(
    subject.put(StreamName, 'x', (2n ** 128n).toString()),
    'InvalidArgumentException',
    /^Invalid ExplicitHashKey\. ExplicitHashKey must be in the range: \[0, 2\^128-1\]\. Specified value was \d+/,
  );
  await refuses(subject.put(StreamName, 'x', '007'), 'ValidationException', /'explicitHashKey'/);
});

test('sequence numbers of a shard increase from put to put, and records are in that order', async () => {
  const stream = await subject.stream();
  const numbers: string[] = [];
  for (const text of ['1', '2', '3']) numbers.push((await subject.put(stream, text)).number);
  assert(
    BigInt(numbers[0] ?? 0) < BigInt(numbers[1] ?? 0) && BigInt(numbers[1] ?? 0) < BigInt(numbers[2] ?? 0),
  );
  const records = await subject.read(await subject.iterator(stream), 3);
  assert.deepEqual(texts(records), ['1', '2', '3']);
  assert.deepEqual(
    records.map(({ SequenceNumber, PartitionKey }) => [SequenceNumber, PartitionKey]),
    numbers.map((number, i) => [number, `${i + 1}`]),
  );
  for (const { ApproximateArrivalTimestamp, EncryptionType } of records) {
    assert(Math.abs(Date.now() - (ApproximateArrivalTimestamp?.getTime() ?? 0)) < 60_000);
    assert.equal(EncryptionType, undefined);
  }
});

test('a record can have 0 bytes', async () => {
  const stream = await subject.stream();
  await subject.put(stream, '');
  assert.deepEqual(texts(await subject.read(await subject.iterator(stream), 1)), ['']);
});

test('data and partition key can have 1 MiB together', async () => {
  await refuses(
    kinesis.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.alloc(MIB + 1) }),
    'ValidationException',
    /'data' failed to satisfy constraint: Member must have length less than or equal to 1048576/,
  );
  await assert.rejects(kinesis.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.alloc(MIB) }), {
    name: /^(InvalidArgumentException|ValidationException)$/,
  });
  await kinesis.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.alloc(MIB - 1) });
});

test('partition keys have 1 to 256 characters', async () => {
  await putWithKey('k'.repeat(256));
  await refuses(
    putWithKey('k'.repeat(257)),
    'ValidationException',
    `1 validation error detected: Value '${'k'.repeat(257)}' at 'partitionKey' failed to satisfy constraint: ` +
      'Member must have length less than or equal to 256',
  );
  await refuses(
    putWithKey(''),
    'ValidationException',
    "1 validation error detected: Value '' at 'partitionKey' failed to satisfy constraint: Member must have " +
      'length greater than or equal to 1',
  );
});

test('500 records are accepted at once, each with its place; 501, or none, are refused', async () => {
  const { Records = [], FailedRecordCount } = await kinesis.putRecords({ StreamName, Records: entries(500) });
  assert.equal(FailedRecordCount, 0);
  assert.equal(Records.length, 500);
  for (const { ShardId, SequenceNumber, ErrorCode } of Records) {
    assert.match(ShardId ?? '', /^shardId-00000000000[01]$/);
    assert.match(SequenceNumber ?? '', /^\d{56}$/);
    assert.equal(ErrorCode, undefined);
  }
  await refuses(
    kinesis.putRecords({ StreamName, Records: entries(501) }),
    'ValidationException',
    /at 'records' failed to satisfy constraint: Member must have length less than or equal to 500$/,
  );
  await refuses(
    kinesis.putRecords({ StreamName, Records: [] }),
    'ValidationException',
    "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length " +
      'greater than or equal to 1',
  );
});

test('one invalid record fails the whole call, and its place is reported', async () => {
  const Records = [...entries(2), { PartitionKey: '', Data: Buffer.from('x') }];
  await refuses(
    kinesis.putRecords({ StreamName, Records }),
    'ValidationException',
    /^1 validation error detected: Value '' at 'records\.3\.member\.partitionKey' failed/,
  );
});

test('more than 10 MiB per call are refused', async () => {
  await refuses(
    kinesis.putRecords({ StreamName, Records: entries(11, MIB - 10) }),
    'InvalidArgumentException',
    /^Records size exceeds 10 MB limit$/,
  );
});

test('SequenceNumberForOrdering must be an existing sequence number', async () => {
  const { number } = await subject.put(StreamName, 'first', '0');
  const put = (SequenceNumberForOrdering: string) =>
    kinesis.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.from('x'), SequenceNumberForOrdering });
  const { SequenceNumber = '0' } = await put(number);
  assert(BigInt(SequenceNumber) > BigInt(number));
  await refuses(
    put('1'),
    'InvalidArgumentException',
    new RegExp(`^ExclusiveMinimumSequenceNumber 1 used in PutRecord on stream ${StreamName} under account`),
  );
});

test('a put to a missing stream is refused', async () => {
  const missing = subject.newName();
  const told = `Stream ${missing} under account <account> not found.`;
  await refuses(subject.put(missing, 'x'), 'ResourceNotFoundException', told);
  await refuses(
    kinesis.putRecords({ StreamName: missing, Records: entries(1) }),
    'ResourceNotFoundException',
    told,
  );
});
