import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteChannelCommand,
  DeleteStreamCommand,
  DescribeChannelCommand,
  type KinesisClient,
  ListChannelsCommand,
  UpdateChannelCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import { ACCOUNT, createChannel, linesIn, objectsIn, startChannels } from '../support/channels.ts';
import { ARN, put } from '../support/streams.ts';

async function names(client: KinesisClient): Promise<(string | undefined)[]> {
  const { ChannelSummaries = [] } = await client.send(new ListChannelsCommand({}));
  return ChannelSummaries.map(({ ChannelName }) => ChannelName);
}

test('nothing more is delivered, delivered objects stay, and the name is free', async () => {
  await using world = await startChannels();
  const { ChannelARN } = await createChannel(world.client);
  await put(world.client, 'orders', 'a');
  await linesIn(world.s3, 1);
  const S3DestinationConfiguration = { DataFreshnessInSeconds: 900 };
  await world.client.send(new UpdateChannelCommand({ ChannelARN, S3DestinationConfiguration }));
  await put(world.client, 'orders', 'b');
  await world.client.send(new DeleteChannelCommand({ ChannelARN }));
  assert.deepEqual(await names(world.client), []);
  await assert.rejects(world.client.send(new DescribeChannelCommand({ ChannelARN })), {
    name: 'ResourceNotFoundException',
  });
  const again = await createChannel(world.client);
  assert.notEqual(again.ChannelARN, ChannelARN);
  await put(world.client, 'orders', 'c');
  assert.deepEqual((await linesIn(world.s3, 2)).toSorted(), ['a', 'c'], 'b is of no channel');
  assert.equal((await objectsIn(world.s3)).length, 2);
});

test('it is DELETING as long as states last', async () => {
  await using world = await startChannels({ lifecycleMs: 200 });
  let channel: Awaited<ReturnType<typeof createChannel>> | undefined;
  while (channel === undefined) channel = await createChannel(world.client).catch(() => undefined);
  const { ChannelARN } = channel;
  await world.client.send(new DeleteChannelCommand({ ChannelARN }));
  const { ChannelDescription } = await world.client.send(new DescribeChannelCommand({ ChannelARN }));
  assert.equal(ChannelDescription?.ChannelStatus, 'DELETING');
  await world.client.send(new DeleteChannelCommand({ ChannelARN }));
  while ((await names(world.client)).length > 0);
});

test('a stream with channels cannot be deleted or made provisioned', async () => {
  await using world = await startChannels();
  const { ChannelARN } = await createChannel(world.client);
  const refused = {
    name: 'ResourceInUseException',
    message: `Stream orders under account ${ACCOUNT} has the channel archive. Delete its channels first.`,
  };
  const deletion = new DeleteStreamCommand({ StreamName: 'orders', EnforceConsumerDeletion: true });
  await assert.rejects(world.client.send(deletion), refused);
  const StreamModeDetails = { StreamMode: 'PROVISIONED' } as const;
  const provisioned = new UpdateStreamModeCommand({ StreamARN: `${ARN}/orders`, StreamModeDetails });
  await assert.rejects(world.client.send(provisioned), refused);
  await world.client.send(new DeleteChannelCommand({ ChannelARN }));
  await world.client.send(deletion);
});

test('a FAILED channel does not block its stream, and can be deleted', async () => {
  await using world = await startChannels();
  const { ChannelARN } = await createChannel(world.client, 'archive', {
    storage: { BucketARN: 'arn:aws:s3:::nowhere', ExpectedBucketOwner: ACCOUNT },
  });
  await world.client.send(new DeleteStreamCommand({ StreamName: 'orders' }));
  assert.deepEqual(await names(world.client), ['archive']);
  await world.client.send(new DeleteChannelCommand({ ChannelARN }));
  assert.deepEqual(await names(world.client), []);
});
