import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteStreamCommand,
  PutResourcePolicyCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { applyDeclared, declared } from '../../../support/declarations.ts';
import { twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream } from '../support/streams.ts';

const policyFor = (Resource: string) =>
  JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kinesis:DescribeStreamSummary', Resource }],
  });

const withPolicy = (policy: unknown) => ({ streams: { orders: { policy } } });

test('the policies of streams and consumers are found by ARN, and end with them', async () => {
  await using kinesis = await startKinesis();
  const [stream = '', consumer = ''] = await twoResources(kinesis.client);
  const policyOf = (arn: string) => kinesis.kinesis.policies.policyOf(arn);
  assert.deepEqual([policyOf(stream), policyOf(consumer)], [undefined, undefined]);
  for (const ResourceARN of [stream, consumer]) {
    const Policy = policyFor(ResourceARN);
    await kinesis.client.send(new PutResourcePolicyCommand({ ResourceARN, Policy }));
  }
  assert.deepEqual([policyOf(stream), policyOf(consumer)], [policyFor(stream), policyFor(consumer)]);
  for (const other of [
    stream.replace('us-east-1', 'eu-west-1'),
    `${consumer}0`,
    `${ARN}/others`,
    'arn:aws:kinesis:us-east-1:000000000000:stream/',
  ]) {
    assert.equal(policyOf(other), undefined, other);
  }

  await kinesis.client.send(new DeleteStreamCommand({ StreamARN: stream, EnforceConsumerDeletion: true }));
  await createStream(kinesis.client);
  const again = { StreamARN: stream, ConsumerName: 'app' };
  const { Consumer } = await kinesis.client.send(new RegisterStreamConsumerCommand(again));
  assert.deepEqual([policyOf(stream), policyOf(Consumer?.ConsumerARN ?? '')], [undefined, undefined]);
});

test('a declared policy is put, changed and left', async () => {
  await using kinesis = await startKinesis();
  const { declarer, policies } = kinesis.kinesis;
  const arn = `${ARN}/orders`;
  const steps = (content: object) =>
    Promise.all(
      declarer
        .plan(declared(content), { allowReshard: false, baseDir: kinesis.folder })
        .map(async (thing) => await thing.check()),
    );
  const first = withPolicy(JSON.parse(policyFor(arn)));
  assert.deepEqual(
    (await steps(first)).map(({ action }) => action),
    ['create'],
  );
  await applyDeclared(declarer, first);
  assert.equal(policies.policyOf(arn), policyFor(arn));
  assert.deepEqual(
    (await steps(first)).map(({ action }) => action),
    ['leave'],
  );
  assert.deepEqual(
    (await steps({ streams: { orders: {} } })).map(({ action }) => action),
    ['leave'],
  );

  const second = withPolicy(policyFor(arn).replace('Allow', 'Deny'));
  const [step] = await steps(second);
  assert.deepEqual(
    { action: step?.action, details: step?.details },
    { action: 'change', details: 'policy another one -> as declared' },
  );
  await applyDeclared(declarer, second);
  assert.match(policies.policyOf(arn) ?? '', /Deny/);
  await assert.rejects(
    () => steps(withPolicy(policyFor(`${ARN}/others`))),
    /is not the one that it is attached to/,
  );
});
