import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListChannelsCommand } from '@aws-sdk/client-kinesis';
import { createChannel, createOnDemand, startChannels } from '../support/channels.ts';
import { ARN } from '../support/streams.ts';

test('channels are listed by name, in pages', async () => {
  await using world = await startChannels();
  const { ChannelARN, ChannelId, StreamConfigurationList } = await createChannel(world.client, 'b');
  for (const name of ['c', 'a']) await createChannel(world.client, name);
  const first = await world.client.send(new ListChannelsCommand({ MaxResults: 2 }));
  assert.deepEqual(
    first.ChannelSummaries?.map(({ ChannelName }) => ChannelName),
    ['a', 'b'],
  );
  const { ChannelCreationTimestamp, ...summary } = first.ChannelSummaries?.[1] ?? {};
  assert.ok(ChannelCreationTimestamp instanceof Date);
  const { StreamCreationTimestamp } = StreamConfigurationList?.[0] ?? {};
  assert.deepEqual(summary, {
    ChannelName: 'b',
    ChannelARN,
    ChannelId,
    ChannelStatus: 'ACTIVE',
    ChannelDestinationType: 'S3',
    Streams: [{ StreamARN: `${ARN}/orders`, StreamCreationTimestamp }],
  });
  const { NextToken } = first;
  const second = await world.client.send(new ListChannelsCommand({ NextToken }));
  assert.deepEqual(
    second.ChannelSummaries?.map(({ ChannelName }) => ChannelName),
    ['c'],
  );
  assert.equal(second.NextToken, undefined);
});

test('channels of a stream are listed, of a certain incarnation if requested', async () => {
  await using world = await startChannels();
  await createOnDemand(world.client, 'invoices');
  const { StreamConfigurationList } = await createChannel(world.client, 'one');
  await createChannel(world.client, 'two', { stream: 'invoices' });
  const { StreamCreationTimestamp = new Date() } = StreamConfigurationList?.[0] ?? {};
  const StreamARN = `${ARN}/orders`;
  const another = new Date(StreamCreationTimestamp.getTime() + 5_000);
  const names = async (StreamFilter: { StreamARN: string; StreamCreationTimestamp?: Date }[]) => {
    const { ChannelSummaries } = await world.client.send(new ListChannelsCommand({ StreamFilter }));
    return ChannelSummaries?.map(({ ChannelName }) => ChannelName);
  };
  assert.deepEqual(await names([{ StreamARN }]), ['one']);
  assert.deepEqual(await names([{ StreamARN, StreamCreationTimestamp }]), ['one']);
  assert.deepEqual(await names([{ StreamARN, StreamCreationTimestamp: another }]), []);
  assert.deepEqual(await names([{ StreamARN }, { StreamARN: `${ARN}/invoices` }]), ['one', 'two']);
});

test('a token that this server did not create is refused', async () => {
  await using world = await startChannels();
  await assert.rejects(world.client.send(new ListChannelsCommand({ NextToken: 'nonsense' })), {
    name: 'InvalidArgumentException',
  });
});
