import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  PublishCommand,
  type PublishCommandInput,
} from '@aws-sdk/client-sns';
import { errorNamed, openScene } from './scene.ts';

test('a message gets an id, even without subscriptions', async () => {
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
  [{ MessageGroupId: 'with blanks' }, /Invalid parameter: MessageGroupId/],
  [{ MessageGroupId: 'g'.repeat(129) }, /Invalid parameter: MessageGroupId/],
  [
    { MessageDeduplicationId: 'd' },
    /MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type/,
  ],
  [{ MessageAttributes: { 'a b': { DataType: 'String', StringValue: 'x' } } }, /character '#x20' was found/],
  [
    { MessageAttributes: { '.a': { DataType: 'String', StringValue: 'x' } } },
    /starting with character '.' was/,
  ],
  [
    { MessageAttributes: { 'a.': { DataType: 'String', StringValue: 'x' } } },
    /ending with character '.' was/,
  ],
  [{ MessageAttributes: { 'a..b': { DataType: 'String', StringValue: 'x' } } }, /successive '.' character/],
  [{ MessageAttributes: { a: { DataType: 'Binary', StringValue: 'x' } } }, /must use field 'Binary'/],
  [
    { MessageAttributes: { a: { DataType: 'Colour', StringValue: 'red' } } },
    /invalid message attribute type/,
  ],
  [{ MessageAttributes: { a: { DataType: 'Number', StringValue: 'many' } } }, /number/],
  [{ MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }, /non-empty/],
];

test('an invalid message is reported', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  for (const [changes, message] of WRONG) {
    await assert.rejects(sns.send(new PublishCommand({ TopicArn, Message: 'm', ...changes })), message);
  }
});

// As recorded on AWS (LocalStack's snapshots test_publish_batch_exceptions and test_empty_or_wrong_message_attributes).
test('an invalid batch entry fails the call', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const send = (wrong: Partial<PublishBatchRequestEntry>) =>
    sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [entry('a'), { ...entry('b'), ...wrong }],
      }),
    );
  await assert.rejects(
    send({ MessageAttributes: { attr1: { DataType: 'InvalidType', StringValue: '1' } } }),
    errorNamed('InvalidParameterValueException', /'attr1' has an invalid message attribute type/),
  );
  await assert.rejects(
    send({ MessageStructure: 'json', Message: '{"http":"h"}' }),
    errorNamed('InvalidParameter', /No default entry in JSON message body/),
  );
  await assert.rejects(send({ Message: '' }), errorNamed('InvalidParameter', /Empty message/));
});

// AWS takes it since queues became fair (moto's test_publish_batch_standard_with_message_group_id).
test('a standard topic accepts a MessageGroupId, alone and in a batch', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  await sns.send(new PublishCommand({ TopicArn, Message: 'm', MessageGroupId: 'tenant-1' }));
  const PublishBatchRequestEntries = [{ ...entry('a'), MessageGroupId: 'tenant-1' }, entry('b')];
  const { Successful, Failed } = await sns.send(
    new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }),
  );
  assert.deepEqual([Successful?.length, Failed?.length ?? 0], [2, 0]);
});

function entry(Id: string, Message = 'm'): { Id: string; Message: string } {
  return { Id, Message };
}

test('an invalid batch is refused as a whole', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const send = (entries: { Id: string; Message: string }[]): Promise<unknown> =>
    sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  await assert.rejects(send([]), errorNamed('EmptyBatchRequest', /.*/));
  const eleven = Array.from({ length: 11 }, (_, number) => entry(`e${number}`));
  await assert.rejects(send(eleven), errorNamed('TooManyEntriesInBatchRequest', /.*/));
  await assert.rejects(send([entry('a'), entry('a')]), errorNamed('BatchEntryIdsNotDistinct', /.*/));
  await assert.rejects(
    send([entry('no spaces')]),
    errorNamed('InvalidBatchEntryId', /contains an impermissible character: no spaces$/),
  );
  const long = 'i'.repeat(81);
  await assert.rejects(send([entry(long)]), errorNamed('InvalidBatchEntryId', /is too long: i{81}$/));
  const half = 'x'.repeat(130 * 1024);
  await assert.rejects(
    send([entry('a', half), entry('b', half)]),
    errorNamed(
      'BatchRequestTooLong',
      /^The length of all the messages put together is more than the limit\.$/,
    ),
  );
});
