import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListStreamConsumersCommand,
  type ListStreamConsumersInput,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

test('consumers are listed by name, in pages', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await createStream(kinesis.client, 'other');
  const StreamARN = `${ARN}/orders`;
  for (const ConsumerName of ['c', 'a', 'b']) {
    await kinesis.client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  }
  const list = (input: Partial<ListStreamConsumersInput>) =>
    kinesis.client.send(new ListStreamConsumersCommand({ StreamARN, ...input }));
  const names = (answer: Awaited<ReturnType<typeof list>>) =>
    answer.Consumers?.map(({ ConsumerName }) => ConsumerName).join('');
  assert.equal(names(await list({})), 'abc');
  const first = await list({ MaxResults: 2 });
  assert.equal(names(first), 'ab');
  const second = await list({ NextToken: first.NextToken });
  assert.deepEqual([names(second), second.NextToken], ['c', undefined]);
  await refused(list({ StreamARN: `${ARN}/other`, NextToken: first.NextToken }), 'InvalidArgumentException');
  await refused(list({ StreamCreationTimestamp: new Date(0) }), 'ResourceNotFoundException');
  await refused(
    list({ StreamCreationTimestamp: new Date(), NextToken: first.NextToken }),
    'InvalidArgumentException',
    'NextToken and StreamCreationTimestamp cannot be provided together.',
  );
});

test('at most a hundred are returned at once, whatever MaxResults says', async () => {
  await using kinesis = await startKinesis({ limits: { consumersPerStream: 101 } });
  await createStream(kinesis.client);
  const StreamARN = `${ARN}/orders`;
  for (let n = 0; n < 101; n++) {
    await kinesis.client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: `app${n}` }));
  }
  for (const MaxResults of [undefined, 10_000]) {
    const list = new ListStreamConsumersCommand({ StreamARN, MaxResults });
    const { Consumers = [], NextToken } = await kinesis.client.send(list);
    assert.equal(Consumers.length, 100);
    assert.notEqual(NextToken, undefined);
  }
});
