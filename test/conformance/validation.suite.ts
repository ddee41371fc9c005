import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sendSigned } from './signed-request.ts';
import { openSubject } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());

async function told(operation: string, input: object): Promise<[unknown, string]> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  };
  const { status, body, text } = await sendSigned(subject, headers, JSON.stringify(input));
  assert.equal(status, 400, text);
  return [body['__type'], String(body['message'] ?? body['Message'])];
}

/** The constraint on names of streams; the same in every operation that takes one. */
const NAME = 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+';

/** What is wrong with an input, in AWS's words. Members are named with a lower first letter. */
const cases: readonly [operation: string, input: object, violations: readonly string[]][] = [
  [
    'CreateStream',
    { StreamName: 'a b', ShardCount: 0 },
    [
      `Value 'a b' at 'streamName' failed to satisfy constraint: ${NAME}`,
      "Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ],
  [
    'CreateStream',
    { StreamName: 'a'.repeat(129), ShardCount: 1 },
    [
      `Value '${'a'.repeat(129)}' at 'streamName' failed to satisfy constraint: Member must have length less than ` +
        'or equal to 128',
    ],
  ],
  ['CreateStream', {}, ["Value null at 'streamName' failed to satisfy constraint: Member must not be null"]],
  [
    'DescribeStream',
    { StreamName: '', Limit: 0, ExclusiveStartShardId: '' },
    [
      `Value '' at 'streamName' failed to satisfy constraint: ${NAME}`,
      "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1",
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
      `Value '' at 'exclusiveStartShardId' failed to satisfy constraint: ${NAME}`,
      "Value '' at 'exclusiveStartShardId' failed to satisfy constraint: Member must have length greater than or " +
        'equal to 1',
    ],
  ],
  [
    'ListShards',
    { MaxResults: 10_001 },
    [
      "Value '10001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
  ],
  [
    'GetShardIterator',
    { StreamName: 'a', ShardId: 'b', ShardIteratorType: 'SOMEWHERE' },
    [
      "Value 'SOMEWHERE' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: " +
        '[AFTER_SEQUENCE_NUMBER, AT_SEQUENCE_NUMBER, AT_TIMESTAMP, LATEST, TRIM_HORIZON]',
    ],
  ],
  [
    'GetRecords',
    { ShardIterator: '', Limit: 0 },
    [
      "Value '' at 'shardIterator' failed to satisfy constraint: Member must have length greater than or equal to 1",
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ],
  [
    'MergeShards',
    { StreamName: 'a' },
    [
      "Value null at 'shardToMerge' failed to satisfy constraint: Member must not be null",
      "Value null at 'adjacentShardToMerge' failed to satisfy constraint: Member must not be null",
    ],
  ],
  [
    'SplitShard',
    { StreamName: 'a', ShardToSplit: 'b', NewStartingHashKey: '01' },
    [
      "Value '01' at 'newStartingHashKey' failed to satisfy constraint: Member must satisfy regular expression " +
        'pattern: 0|([1-9]\\d{0,38})',
    ],
  ],
  [
    'RemoveTagsFromStream',
    { StreamName: 'a', TagKeys: [] },
    [
      "Value '[]' at 'tagKeys' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
  ],
];

/** The order of violations and of the values of an enum is that of AWS's hash tables: nothing to rely on. */
function sorted(violations: readonly string[]): string[] {
  return violations
    .map((text) =>
      text.replace(/(?<=value set: \[).*(?=\])/, (values) => values.split(', ').toSorted().join(', ')),
    )
    .toSorted();
}

for (const [operation, input, violations] of cases) {
  const count = `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected: `;
  test(`${operation} ${JSON.stringify(input).slice(0, 60)} has ${count.replace(' detected: ', '')}`, async () => {
    const [name, message] = await told(operation, input);
    assert.equal(name, 'ValidationException');
    assert.equal(message.slice(0, count.length), count);
    assert.deepEqual(sorted(message.slice(count.length).split('; ')), sorted(violations));
  });
}

test('bounds are checked before resources are looked up', async () => {
  const missing = subject.newName();
  const [unknownAndWrong] = await told('PutRecord', {
    StreamName: missing,
    PartitionKey: '',
    Data: 'eA==',
  });
  assert.equal(unknownAndWrong, 'ValidationException');
  const [unknown] = await told('PutRecord', { StreamName: missing, PartitionKey: 'k', Data: 'eA==' });
  assert.equal(unknown, 'ResourceNotFoundException');
});

test('the form of a shard id is checked before the stream is looked up, its number afterwards', async () => {
  const missing = subject.newName();
  const [, text] = await told('GetShardIterator', {
    StreamName: missing,
    ShardId: 'shardId-x',
    ShardIteratorType: 'LATEST',
  });
  assert.match(text, /^Could not find shard shardId-x in stream/);
  const [, number] = await told('GetShardIterator', {
    StreamName: missing,
    ShardId: 'shardId-000000000009',
    ShardIteratorType: 'LATEST',
  });
  assert.match(number, /^Stream .* not found\.$/);
});

test('a stream must be named', async () => {
  for (const operation of ['DescribeStream', 'DescribeStreamSummary', 'ListTagsForStream', 'DeleteStream']) {
    const [name] = await told(operation, {});
    assert(
      name === 'InvalidArgumentException' || name === 'ValidationException',
      `${operation}: ${String(name)}`,
    );
  }
});
