import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-kinesis';
import { tagsOf, twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';

test('tags are removed from streams and consumers', async () => {
  await using kinesis = await startKinesis();
  for (const ResourceARN of await twoResources(kinesis.client)) {
    await kinesis.client.send(new TagResourceCommand({ ResourceARN, Tags: { a: '1', b: '2' } }));
    await kinesis.client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a', 'zzz'] }));
    assert.deepEqual(await tagsOf(kinesis.client, ResourceARN), { b: '2' });
  }
});
