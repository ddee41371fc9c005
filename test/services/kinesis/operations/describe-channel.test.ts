import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeChannelCommand } from '@aws-sdk/client-kinesis';
import { createChannel, startChannels } from '../support/channels.ts';

test('a channel is described as it was created', async () => {
  await using world = await startChannels();
  const created = await createChannel(world.client);
  const { ChannelARN } = created;
  const { ChannelDescription } = await world.client.send(new DescribeChannelCommand({ ChannelARN }));
  assert.deepEqual(ChannelDescription, created);
});

test('a missing channel is not found, nor one of another account', async () => {
  await using world = await startChannels();
  const { ChannelId } = await createChannel(world.client);
  for (const id of [`000000000000:channel/nothing`, `111111111111:channel/${ChannelId}`]) {
    const ChannelARN = `arn:aws:kinesis:us-east-1:${id}`;
    await assert.rejects(world.client.send(new DescribeChannelCommand({ ChannelARN })), {
      name: 'ResourceNotFoundException',
      message: `Channel ${ChannelARN} under account 000000000000 not found.`,
    });
  }
});
