import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetResourcePolicyCommand } from '@aws-sdk/client-kinesis';
import { twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, refused } from '../support/streams.ts';

// Recorded on AWS on 2025-08-01 (LocalStack's snapshot of resource policies).
test('a resource without a policy has an empty one, and a missing resource is reported', async () => {
  await using kinesis = await startKinesis();
  for (const ResourceARN of await twoResources(kinesis.client)) {
    const { Policy } = await kinesis.client.send(new GetResourcePolicyCommand({ ResourceARN }));
    assert.equal(Policy, '{}');
  }
  await refused(
    kinesis.client.send(new GetResourcePolicyCommand({ ResourceARN: `${ARN}/no` })),
    'ResourceNotFoundException',
    'Stream no under account 000000000000 not found.',
  );
});
