import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, iteratorFor, put, readShard, refused } from '../support/streams.ts';

const remove = (options = {}) => new DeleteStreamCommand({ StreamName: 'orders', ...options });

test('a deleted stream is gone with its records, even when its name is used again', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'old');
  await kinesis.client.send(remove());
  const message = 'Stream orders under account 000000000000 not found.';
  await refused(put(kinesis.client, 'orders', 'x'), 'ResourceNotFoundException', message);
  await refused(kinesis.client.send(remove()), 'ResourceNotFoundException', message);
  await createStream(kinesis.client);
  assert.deepEqual(await readShard(kinesis.client, 'orders'), []);
});

test('an iterator of a deleted stream is invalid, also for a new one of that name', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const iterator = await iteratorFor(kinesis.client, 'orders');
  await kinesis.client.send(remove());
  const read = () => kinesis.client.send(new GetRecordsCommand({ ShardIterator: iterator }));
  const message = 'Shard shardId-000000000000 in stream orders under account 000000000000 does not exist';
  await refused(read(), 'ResourceNotFoundException', message);
  await createStream(kinesis.client);
  await refused(read(), 'ResourceNotFoundException', message);
});

test('with registered consumers it requires EnforceConsumerDeletion', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(
    new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName: 'app' }),
  );
  await refused(kinesis.client.send(remove()), 'ResourceInUseException', /consumers/);
  await kinesis.client.send(remove({ EnforceConsumerDeletion: true }));
  await refused(kinesis.client.send(remove()), 'ResourceNotFoundException');
});

test('it is DELETING for a while, and a restart meanwhile does not prevent the deletion', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  await using kinesis = await startKinesis({ clock, lifecycleMs: 500 });
  await createStream(kinesis.client);
  clock.advance(500);
  await kinesis.client.send(remove());
  const describe = () => kinesis.client.send(new DescribeStreamCommand({ StreamName: 'orders' }));
  assert.equal((await describe()).StreamDescription?.StreamStatus, 'DELETING');
  await refused(
    kinesis.client.send(remove()),
    'ResourceInUseException',
    'Stream orders under account 000000000000 not ACTIVE, instead in state DELETING',
  );
  clock.advance(1000);
  await kinesis.restart();
  await refused(describe(), 'ResourceNotFoundException');
});

// An ARN that went on to a consumer was once taken for its stream's, and the stream was deleted.
test("only its exact ARN is accepted: not a consumer's, nor one in another partition, region or account", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const StreamARN = `${ARN}/orders`;
  const { Consumer } = await kinesis.client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'app' }),
  );
  for (const arn of [
    `${ARN}/orders/consumer/nope:1`,
    Consumer?.ConsumerARN,
    StreamARN.replace('arn:aws:', 'arn:aws-cn:'),
    StreamARN.replace('us-east-1', 'us-east-2'),
    StreamARN.replace('000000000000', '000000000001'),
  ]) {
    const deletion = new DeleteStreamCommand({ StreamARN: arn, EnforceConsumerDeletion: true });
    await refused(
      kinesis.client.send(deletion),
      'ResourceNotFoundException',
      /^Stream orders.* not found\.$/,
    );
    const description = new DescribeStreamCommand({ StreamARN: arn, StreamName: 'orders' });
    await refused(kinesis.client.send(description), 'ResourceNotFoundException');
  }
  await put(kinesis.client, 'orders', 'x');
});

test('by ARN', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(new DeleteStreamCommand({ StreamARN: `${ARN}/orders` }));
  await refused(kinesis.client.send(remove()), 'ResourceNotFoundException');
});
