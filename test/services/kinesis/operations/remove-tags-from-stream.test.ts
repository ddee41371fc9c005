import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddTagsToStreamCommand,
  ListTagsForStreamCommand,
  RemoveTagsFromStreamCommand,
} from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { createStream, refused } from '../support/streams.ts';

const remove = (TagKeys: string[]) => new RemoveTagsFromStreamCommand({ StreamName: 'orders', TagKeys });

test('named tags are removed, unknown ones are ignored', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(new AddTagsToStreamCommand({ StreamName: 'orders', Tags: { a: '1', b: '2' } }));
  await kinesis.client.send(remove(['a', 'zzz']));
  const { Tags } = await kinesis.client.send(new ListTagsForStreamCommand({ StreamName: 'orders' }));
  assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }]);
  await refused(kinesis.client.send(remove(['a*'])), 'InvalidArgumentException', /invalid characters/);
});
