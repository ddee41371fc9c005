import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeChannelCommand, UpdateChannelCommand } from '@aws-sdk/client-kinesis';
import { ACCOUNT, createChannel, linesIn, startChannels } from '../support/channels.ts';
import { put } from '../support/streams.ts';

const ofFreshness = (DataFreshnessInSeconds: number) => ({
  S3DestinationConfiguration: { DataFreshnessInSeconds },
});

test('the freshness changes, also for records not delivered yet', async () => {
  await using world = await startChannels();
  const { ChannelARN, S3DestinationConfiguration: before } = await createChannel(world.client, 'archive', {
    destination: { DataFreshnessInSeconds: 900 },
  });
  await put(world.client, 'orders', 'a');
  const { ChannelDescription } = await world.client.send(
    new UpdateChannelCommand({ ChannelARN, ...ofFreshness(1) }),
  );
  assert.deepEqual(ChannelDescription?.S3DestinationConfiguration, { ...before, DataFreshnessInSeconds: 1 });
  assert.deepEqual(await linesIn(world.s3, 1), ['a']);
  await world.server.restart();
  const described = await world.client.send(new DescribeChannelCommand({ ChannelARN }));
  assert.equal(described.ChannelDescription?.S3DestinationConfiguration?.DataFreshnessInSeconds, 1);
});

test('the names of the log can be changed, although nothing is logged there', async () => {
  await using world = await startChannels();
  const { ChannelARN } = await createChannel(world.client);
  const CloudWatchLogs = { Enabled: false, LogGroupName: '/mine' };
  const LoggingConfiguration = { CloudWatchLogs };
  const { ChannelDescription } = await world.client.send(
    new UpdateChannelCommand({ ChannelARN, LoggingConfiguration }),
  );
  assert.deepEqual(ChannelDescription?.LoggingConfiguration?.CloudWatchLogs, {
    ...CloudWatchLogs,
    LogStreamName: 'DestinationDelivery',
  });
});

test('changing anything else is refused', async () => {
  await using world = await startChannels();
  const { ChannelARN } = await createChannel(world.client);
  const cases: [object, RegExp][] = [
    [{}, /Either S3DestinationConfiguration or LoggingConfiguration/],
    [{ S3TablesDestinationConfiguration: { DataFreshnessInSeconds: 300 } }, /it delivers to S3/],
    [{ LoggingConfiguration: { CloudWatchLogs: { Enabled: true } } }, /nagare does not support/],
    [ofFreshness(901), /between 1 and 900/],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(world.client.send(new UpdateChannelCommand({ ChannelARN, ...change })), {
      name: 'InvalidArgumentException',
      message,
    });
  }
});

test('a FAILED channel stays FAILED', async () => {
  await using world = await startChannels();
  const { ChannelARN } = await createChannel(world.client, 'archive', {
    storage: { BucketARN: 'arn:aws:s3:::nowhere', ExpectedBucketOwner: ACCOUNT },
  });
  await assert.rejects(world.client.send(new UpdateChannelCommand({ ChannelARN, ...ofFreshness(2) })), {
    name: 'ResourceInUseException',
    message: 'Channel archive is not ACTIVE, instead in state FAILED.',
  });
});

test('a missing channel is not found', async () => {
  await using world = await startChannels();
  const ChannelARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:channel/nothing`;
  await assert.rejects(world.client.send(new UpdateChannelCommand({ ChannelARN, ...ofFreshness(2) })), {
    name: 'ResourceNotFoundException',
  });
});
