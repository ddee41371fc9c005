import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TagResourceCommand } from '@aws-sdk/client-kinesis';
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

test('what is not there is told', async () => {
  await using kinesis = await startKinesis();
  await twoResources(kinesis.client);
  for (const name of ['no', 'orders/consumer/no:1', 'orders/consumer/app:1']) {
    await refused(
      kinesis.client.send(new TagResourceCommand({ ResourceARN: `${ARN}/${name}`, Tags: { a: 'b' } })),
      'ResourceNotFoundException',
    );
  }
});
