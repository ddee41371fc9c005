import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteChannelCommand,
  PutResourcePolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { createChannel, startChannels } from '../support/channels.ts';
import { tagsOf, twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, refused } from '../support/streams.ts';

test('streams and consumers are tagged by their ARNs', async () => {
  await using kinesis = await startKinesis();
  for (const ResourceARN of await twoResources(kinesis.client)) {
    await kinesis.client.send(new TagResourceCommand({ ResourceARN, Tags: { team: 'blue', a: '' } }));
    await kinesis.client.send(new TagResourceCommand({ ResourceARN, Tags: { team: 'red' } }));
    assert.deepEqual(await tagsOf(kinesis.client, ResourceARN), { a: '', team: 'red' });
  }
});

// What a channel was made with could once not be seen: its ARN was none by the pattern.
test('channels are tagged by their ARNs, and keep their initial tags', async () => {
  await using world = await startChannels();
  const { client } = world;
  const { ChannelARN: ResourceARN = '' } = await createChannel(client, 'archive', {
    channel: { Tags: { team: 'blue', old: 'x' } },
  });
  assert.deepEqual(await tagsOf(client, ResourceARN), { old: 'x', team: 'blue' });
  await client.send(new TagResourceCommand({ ResourceARN, Tags: { team: 'red', more: '' } }));
  await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['old', 'never'] }));
  await world.server.restart();
  assert.deepEqual(await tagsOf(client, ResourceARN), { more: '', team: 'red' });
  const Tags = Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`key${n}`, '']));
  const many = client.send(new TagResourceCommand({ ResourceARN, Tags }));
  await refused(many, 'InvalidArgumentException', /more than 50 tags/);
  const policy = new PutResourcePolicyCommand({ ResourceARN, Policy: '{"Statement":[]}' });
  await refused(client.send(policy), 'InvalidArgumentException');
  await client.send(new DeleteChannelCommand({ ChannelARN: ResourceARN }));
  const notFound = 'ResourceNotFoundException';
  await refused(tagsOf(client, ResourceARN), notFound, /^Channel .* not found\.$/);
  await refused(client.send(new TagResourceCommand({ ResourceARN, Tags: { a: 'b' } })), notFound);
});

test('missing resources are reported', async () => {
  await using kinesis = await startKinesis();
  await twoResources(kinesis.client);
  for (const name of ['no', 'orders/consumer/no:1', 'orders/consumer/app:1']) {
    await refused(
      kinesis.client.send(new TagResourceCommand({ ResourceARN: `${ARN}/${name}`, Tags: { a: 'b' } })),
      'ResourceNotFoundException',
    );
  }
});
