import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddTagsToStreamCommand, ListTagsForStreamCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { createStream } from '../support/streams.ts';

test('tags are listed by key, in pages', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const Tags = { c: '3', a: '1', b: '2' };
  await kinesis.client.send(new AddTagsToStreamCommand({ StreamName: 'orders', Tags }));
  const list = async (options: object) => {
    const answer = await kinesis.client.send(
      new ListTagsForStreamCommand({ StreamName: 'orders', ...options }),
    );
    return [answer.Tags?.map(({ Key }) => Key).join(''), answer.HasMoreTags];
  };
  assert.deepEqual(await list({}), ['abc', false]);
  assert.deepEqual(await list({ Limit: 2 }), ['ab', true]);
  assert.deepEqual(await list({ Limit: 2, ExclusiveStartTagKey: 'b' }), ['c', false]);
});
