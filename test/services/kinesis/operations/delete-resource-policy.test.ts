import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { tagsOf, twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { refused } from '../support/streams.ts';

test('the policy is removed, the tags stay', async () => {
  await using kinesis = await startKinesis();
  for (const ResourceARN of await twoResources(kinesis.client)) {
    const Statement = { Effect: 'Allow', Principal: '*', Action: 'kinesis:*', Resource: ResourceARN };
    await kinesis.client.send(new TagResourceCommand({ ResourceARN, Tags: { a: 'b' } }));
    const Policy = JSON.stringify({ Statement });
    await kinesis.client.send(new PutResourcePolicyCommand({ ResourceARN, Policy }));
    await kinesis.client.send(new DeleteResourcePolicyCommand({ ResourceARN }));
    const left = await kinesis.client.send(new GetResourcePolicyCommand({ ResourceARN }));
    assert.equal(left.Policy, '{}');
    await refused(
      kinesis.client.send(new DeleteResourcePolicyCommand({ ResourceARN })),
      'ResourceNotFoundException',
    );
    assert.deepEqual(await tagsOf(kinesis.client, ResourceARN), { a: 'b' });
  }
});
