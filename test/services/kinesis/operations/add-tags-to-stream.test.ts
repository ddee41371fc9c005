import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  ListTagsForStreamCommand,
  RegisterStreamConsumerCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { createChannel, startChannels } from '../support/channels.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

const add = (Tags: Record<string, string>) => new AddTagsToStreamCommand({ StreamName: 'orders', Tags });

const many = (from: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag${from + i}`, 'x']));

test('tags are added and changed, and survive a restart', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(add({ team: 'blue', größe: '1 + 1 = 2' }));
  await kinesis.client.send(add({ team: 'red' }));
  await kinesis.restart();
  const { Tags } = await kinesis.client.send(new ListTagsForStreamCommand({ StreamName: 'orders' }));
  assert.deepEqual(Tags, [
    { Key: 'größe', Value: '1 + 1 = 2' },
    { Key: 'team', Value: 'red' },
  ]);
});

test('invalid characters, and more than 50 tags, are refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(
    kinesis.client.send(add({ 'a*': 'x' })),
    'InvalidArgumentException',
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @ :.',
  );
  await kinesis.client.send(add(many(0, 50)));
  await kinesis.client.send(add(many(0, 50)));
  await refused(kinesis.client.send(add(many(50, 1))), 'InvalidArgumentException', /more than 50 tags/);
});

test('keys that AWS reserves are refused, wherever tags are given', async () => {
  await using world = await startChannels();
  const { client } = world;
  for (const key of ['aws:x', 'AWS:y', 'Aws:']) {
    const Tags = { [key]: 'x' };
    const calls = [
      () => client.send(add(Tags)),
      () => client.send(new CreateStreamCommand({ StreamName: 'events', ShardCount: 1, Tags })),
      () => client.send(new TagResourceCommand({ ResourceARN: `${ARN}/orders`, Tags })),
      () =>
        client.send(
          new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/orders`, ConsumerName: 'app', Tags }),
        ),
      () => createChannel(client, 'archive', { channel: { Tags } }),
    ];
    for (const call of calls)
      await refused(call(), 'InvalidArgumentException', /^The tag key aws:.* is reserved/i);
  }
  await client.send(add({ 'my aws:x': 'x', 'laws:': 'x' }));
});

test('of an unknown stream', async () => {
  await using kinesis = await startKinesis();
  await refused(kinesis.client.send(add({ a: 'b' })), 'ResourceNotFoundException');
});
