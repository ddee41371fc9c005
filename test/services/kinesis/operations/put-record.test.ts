import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PutRecordCommand,
  type PutRecordInput,
  StartStreamEncryptionCommand,
  UpdateMaxRecordSizeCommand,
} from '@aws-sdk/client-kinesis';
import { hashPartitionKey } from '../../../../src/services/kinesis/shards/hash-key.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { taken } from '../support/metrics.ts';
import { startKinesis } from '../support/server.ts';
import {
  ARN,
  callRaw,
  createStream,
  put,
  readShard,
  refused,
  SHARD_0,
  SHARD_1,
  texts,
} from '../support/streams.ts';

const record = (given: Partial<PutRecordInput>) =>
  new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from('x'), ...given });

test("a record is in the shard of its partition key's hash, with increasing numbers, also after a restart", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const numbers: bigint[] = [];
  for (let i = 0; i < 20; i++) {
    const key = `key ${i % 5}`;
    const { ShardId, SequenceNumber } = await put(kinesis.client, 'orders', `${i}`, key);
    assert.equal(ShardId, hashPartitionKey(key) < '8' ? SHARD_0 : SHARD_1);
    if (ShardId === SHARD_0) numbers.push(BigInt(SequenceNumber ?? 0));
    if (i === 10) await kinesis.restart();
  }
  assert(numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0n)));
  const [first] = await readShard(kinesis.client, 'orders');
  assert.equal(BigInt(first?.SequenceNumber ?? 0), numbers[0]);
});

test('an explicit hash key decides instead of the partition key', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const last = (2n ** 128n - 1n).toString();
  const to = async (ExplicitHashKey: string) =>
    (await kinesis.client.send(record({ ExplicitHashKey }))).ShardId;
  assert.equal(await to('0'), SHARD_0);
  assert.equal(await to((2n ** 127n - 1n).toString()), SHARD_0);
  assert.equal(await to((2n ** 127n).toString()), SHARD_1);
  assert.equal(await to(last), SHARD_1);
  await refused(
    to((2n ** 128n).toString()),
    'InvalidArgumentException',
    'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
      'Specified value was 340282366920938463463374607431768211456',
  );
});

test("a record can be empty; data and key can have 1 MiB together, or the stream's maximum", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const send = (bytes: number) =>
    kinesis.client.send(record({ Data: Buffer.alloc(bytes), PartitionKey: 'k' }));
  await send(0);
  await send(1024 * 1024 - 1);
  await refused(send(1024 * 1024), 'InvalidArgumentException', /1048576 bytes together/);
  const wide = { Data: Buffer.alloc(1024 * 1024 - 5), PartitionKey: '鍵鍵' };
  await refused(kinesis.client.send(record(wide)), 'InvalidArgumentException', /1048576 bytes together/);
  await refused(
    send(1024 * 1024 + 1),
    'ValidationException',
    "1 validation error detected: Value at 'data' failed to satisfy constraint: " +
      'Member must have length less than or equal to 1048576',
  );
  await kinesis.client.send(
    new UpdateMaxRecordSizeCommand({ StreamARN: `${ARN}/orders`, MaxRecordSizeInKiB: 10_240 }),
  );
  await send(10 * 1024 * 1024 - 1);
  const records = await readShard(kinesis.client, 'orders');
  assert.deepEqual(
    records.map(({ Data }) => Data?.length),
    [0, 1024 * 1024 - 1, 10 * 1024 * 1024 - 1],
  );
});

test('a call repeated with its invocation id stores its record once, also after a restart', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const call = async (id: string | undefined, text: string) => {
    const input = { StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from(text).toString('base64') };
    const headers = id === undefined ? {} : { 'amz-sdk-invocation-id': id };
    return (await callRaw(kinesis.endpoint, 'PutRecord', input, headers)).body;
  };
  const id = 'f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f';
  const first = await call(id, 'once');
  assert.deepEqual(await call(id, 'once'), first);
  await kinesis.restart();
  assert.deepEqual(await call(id, 'once'), first);
  await call(id, 'another body');
  await call('not a UUID', 'odd');
  await call('not a UUID', 'odd');
  await call(undefined, 'each');
  await call(undefined, 'each');
  const stored = texts(await readShard(kinesis.client, 'orders'));
  assert.deepEqual(stored, ['once', 'another body', 'odd', 'each', 'each']);
});

test('SequenceNumberForOrdering is checked', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { SequenceNumber } = await put(kinesis.client, 'orders', 'first');
  await kinesis.client.send(record({ SequenceNumberForOrdering: SequenceNumber }));
  await refused(
    kinesis.client.send(record({ SequenceNumberForOrdering: '5' })),
    'InvalidArgumentException',
    'ExclusiveMinimumSequenceNumber 5 used in PutRecord on stream orders under account 000000000000 is invalid.',
  );
  // Of a shard that is to be created in tens of thousands of years; AWS refuses it.
  const highest = BigInt('0x2ffffffffff7fffffffffffffff000000000007fffffff2').toString();
  await refused(
    kinesis.client.send(record({ SequenceNumberForOrdering: highest })),
    'InvalidArgumentException',
    /^ExclusiveMinimumSequenceNumber \d+ used in PutRecord .* is invalid\.$/,
  );
});

test('DryRun reports that it would succeed, or why not, and stores nothing', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(kinesis.client.send(record({ DryRun: true })), 'DryRunOperationException');
  await refused(kinesis.client.send(record({ DryRun: true, StreamName: 'no' })), 'ResourceNotFoundException');
  assert.deepEqual(await readShard(kinesis.client, 'orders'), []);
});

test('returns EncryptionType for an encrypted stream', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  assert.equal((await kinesis.client.send(record({}))).EncryptionType, undefined);
  await kinesis.client.send(
    new StartStreamEncryptionCommand({
      StreamName: 'orders',
      EncryptionType: 'KMS',
      KeyId: 'alias/aws/kinesis',
    }),
  );
  assert.equal((await kinesis.client.send(record({}))).EncryptionType, 'KMS');
});

test('each call is counted', async () => {
  await using kinesis = await startKinesis({ clock: new ManualClock(1_790_000_000_000) });
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', '12345', 'key');
  await put(kinesis.client, 'orders', '123', 'key');
  const counted = taken(kinesis.metrics, { StreamName: 'orders' });
  const once = { sampleCount: 2, sum: 2, minimum: 1, maximum: 1 };
  const bytes = { sampleCount: 2, sum: 8, minimum: 3, maximum: 5 };
  assert.deepEqual(counted, {
    IncomingBytes: bytes,
    IncomingRecords: once,
    'PutRecord.Bytes': bytes,
    'PutRecord.Success': once,
    'PutRecord.Latency': { sampleCount: 2, sum: 0, minimum: 0, maximum: 0 },
  });
});

test('a partition key is required; it can contain any characters', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { status, body } = await callRaw(kinesis.endpoint, 'PutRecord', {
    StreamName: 'orders',
    Data: 'AA==',
  });
  assert.equal(status, 400);
  assert.match(String(body['message']), /Value null at 'partitionKey' .* Member must not be null/);
  const PartitionKey = '鍵🔑é'.repeat(60);
  await kinesis.client.send(record({ PartitionKey }));
  assert.equal((await readShard(kinesis.client, 'orders'))[0]?.PartitionKey, PartitionKey);
});
