import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetResourcePolicyCommand, PutResourcePolicyCommand } from '@aws-sdk/client-kinesis';
import { twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, refused } from '../support/streams.ts';

const policyFor = (Resource: string, Effect = 'Allow') =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect, Principal: '*', Action: 'kinesis:DescribeStreamSummary', Resource }],
  });

test('streams and consumers store the policy that was put last', async () => {
  await using kinesis = await startKinesis();
  const resources = await twoResources(kinesis.client);
  for (const ResourceARN of resources) {
    for (const effect of ['Allow', 'Deny']) {
      const Policy = policyFor(ResourceARN, effect);
      await kinesis.client.send(new PutResourcePolicyCommand({ ResourceARN, Policy }));
    }
  }
  await kinesis.restart();
  for (const ResourceARN of resources) {
    const { Policy } = await kinesis.client.send(new GetResourcePolicyCommand({ ResourceARN }));
    assert.equal(Policy, policyFor(ResourceARN, 'Deny'));
  }
});

test('a malformed policy, or one of another resource, is refused with the reason', async () => {
  await using kinesis = await startKinesis();
  const [ResourceARN = ''] = await twoResources(kinesis.client);
  for (const [Policy, reason] of [
    ['{', /not JSON/],
    [policyFor(`${ARN}/other`), /is not the one that it is attached to/],
  ] as const) {
    const call = kinesis.client.send(new PutResourcePolicyCommand({ ResourceARN, Policy }));
    await refused(call, 'InvalidArgumentException', reason);
  }
});
