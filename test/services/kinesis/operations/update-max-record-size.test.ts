import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeStreamSummaryCommand,
  PutRecordCommand,
  UpdateMaxRecordSizeCommand,
} from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, readShard, refused } from '../support/streams.ts';

const update = (MaxRecordSizeInKiB: number) =>
  new UpdateMaxRecordSizeCommand({ StreamARN: `${ARN}/orders`, MaxRecordSizeInKiB });
const put = (bytes: number) =>
  new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.alloc(bytes) });
const MIB = 1024 * 1024;

test('larger records are accepted afterwards, and stay readable when it is lowered', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(kinesis.client.send(put(2 * MIB)), 'ValidationException');
  await kinesis.client.send(update(3 * 1024));
  await kinesis.client.send(put(2 * MIB));
  await kinesis.client.send(update(1024));
  await refused(kinesis.client.send(put(2 * MIB)), 'ValidationException');
  assert.equal((await readShard(kinesis.client, 'orders'))[0]?.Data?.length, 2 * MIB);
  const { StreamDescriptionSummary } = await kinesis.client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
  );
  assert.equal(StreamDescriptionSummary?.MaxRecordSizeInKiB, 1024);
});

test('below 1 and above 10 MiB is refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  for (const size of [1023, 10_241]) await refused(kinesis.client.send(update(size)), 'ValidationException');
});
