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
  const policyOf = (changes: object) => {
    const document = JSON.parse(policyFor(ResourceARN)) as { readonly Statement: readonly object[] };
    return JSON.stringify({ ...document, Statement: [{ ...document.Statement[0], ...changes }] });
  };
  for (const [Policy, reason] of [
    ['{', /malformed: This policy contains invalid Json\.$/],
    [policyFor(ResourceARN, 'Permit'), /malformed: Syntax errors in policy\.$/],
    [policyOf({ Principal: { AWS: 'nobody' } }), /Invalid principal in policy: "AWS":"nobody"/],
    [policyOf({ Action: 'sqs:SendMessage' }), /sqs:SendMessage is not an action of Kinesis/],
    [policyOf({ Condition: { Equals: { 'aws:SourceIp': '10.0.0.0/8' } } }), /Syntax errors/],
    [policyOf({ Sid: 'x'.repeat(20 * 1024) }), /larger than 20480 bytes/],
    [policyFor(`${ARN}/other`), /is not the one that it is attached to/],
  ] as const) {
    const call = kinesis.client.send(new PutResourcePolicyCommand({ ResourceARN, Policy }));
    await refused(call, 'InvalidArgumentException', reason);
  }
});
