import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { errorNamed, openScene } from './scene.ts';

test('a message gets an id, also when nobody listens', async () => {
  await using scene = await openScene();
  const { sns, topicArn } = scene;
  const { MessageId } = await sns.send(new PublishCommand({ TargetArn: topicArn, Message: 'm' }));
  assert.match(MessageId ?? '', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
});

const WRONG: readonly (readonly [Partial<PublishCommandInput>, RegExp])[] = [
  [{ Message: '' }, /Empty message/],
  [{ Message: 'x'.repeat(256 * 1024 + 1) }, /Message too long/],
  [{ Subject: '' }, /Subject/],
  [{ Subject: 'x'.repeat(101) }, /Subject/],
  [{ Subject: 'two\nlines' }, /Subject/],
  [{ MessageStructure: 'json' }, /JSON message body failed to parse/],
  [{ MessageStructure: 'json', Message: '{"http":"h"}' }, /No default entry in JSON message body/],
  [{ TopicArn: 'news' }, /An ARN must have at least 6 elements, not 1/],
  [{ TopicArn: 'arn:aws:sns:us-east-1:000000000000:nowhere' }, /Topic does not exist/],
  [{ TopicArn: undefined, PhoneNumber: '+491234' }, /nagare does not support text messages yet/],
  [{ MessageGroupId: 'g' }, /nagare does not support MessageGroupId yet/],
  [
    { MessageAttributes: { a: { DataType: 'Colour', StringValue: 'red' } } },
    /invalid message attribute type/,
  ],
  [{ MessageAttributes: { a: { DataType: 'Number', StringValue: 'many' } } }, /number/],
  [{ MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }, /non-empty/],
];

test('what is wrong with a message is said', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  for (const [changes, message] of WRONG) {
    await assert.rejects(sns.send(new PublishCommand({ TopicArn, Message: 'm', ...changes })), message);
  }
});

test('of a batch, what is right is sent and what is wrong is told', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const { Successful, Failed } = await sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'm' },
        { Id: 'b', Message: '' },
        { Id: 'c', Message: 'm', Subject: 'two\nlines' },
      ],
    }),
  );
  assert.deepEqual(
    Successful?.map(({ Id }) => Id),
    ['a'],
  );
  assert.deepEqual(
    Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
    [
      ['b', 'InvalidParameter', true],
      ['c', 'InvalidParameter', true],
    ],
  );
});

function entry(Id: string, Message = 'm'): { Id: string; Message: string } {
  return { Id, Message };
}

test('a batch that is none is refused as a whole', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const send = (entries: { Id: string; Message: string }[]): Promise<unknown> =>
    sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  await assert.rejects(send([]), errorNamed('EmptyBatchRequest', /.*/));
  const eleven = Array.from({ length: 11 }, (_, number) => entry(`e${number}`));
  await assert.rejects(send(eleven), errorNamed('TooManyEntriesInBatchRequest', /.*/));
  await assert.rejects(send([entry('a'), entry('a')]), errorNamed('BatchEntryIdsNotDistinct', /.*/));
  await assert.rejects(send([entry('no spaces')]), errorNamed('InvalidBatchEntryId', /.*/));
  const half = 'x'.repeat(130 * 1024);
  await assert.rejects(send([entry('a', half), entry('b', half)]), errorNamed('BatchRequestTooLong', /.*/));
});
