import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonDecoder } from '../../src/protocol/documents/json-values.ts';
import type { ServiceModel } from '../../src/protocol/model.ts';
import { SerializationError } from '../../src/protocol/serialization-error.ts';
import { compileValidator } from '../../src/protocol/validation.ts';
import { models } from './support.ts';
import { processorMsOf } from '../support/processor-time.ts';

function violations(model: ServiceModel, operation: string, input: object): string | undefined {
  const shape = model.operations[operation]?.input?.shape;
  assert.ok(shape);
  return compileValidator(model, shape)(jsonDecoder(model)(shape)(input) as object);
}

function kinesis(operation: string, input: object): string | undefined {
  return violations(models.kinesis, operation, input);
}

const DATA = 'aGVsbG8=';
const long = (length: number): string => 'a'.repeat(length);

describe("the bounds of an input, with AWS's messages", () => {
  for (const [what, operation, input, expected] of [
    ['nothing wrong', 'PutRecord', { StreamName: 's', Data: DATA, PartitionKey: 'k' }, undefined],
    [
      'a member that is missing',
      'CreateStream',
      {},
      "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null",
    ],
    [
      'null, which is missing',
      'CreateStream',
      { StreamName: null },
      "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null",
    ],
    [
      'an empty name: the pattern, then the length',
      'CreateStream',
      { StreamName: '' },
      "2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a name that is too long',
      'CreateStream',
      { StreamName: long(129) },
      `1 validation error detected: Value '${long(129)}' at 'streamName' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
    [
      'a pattern is about the whole of a value',
      'CreateStream',
      { StreamName: 'a\nb' },
      "1 validation error detected: Value 'a\nb' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ],
    [
      'a number that is too small',
      'GetRecords',
      { ShardIterator: 'i', Limit: 0 },
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'a number that is too large',
      'GetRecords',
      { ShardIterator: 'i', Limit: 10001 },
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
    [
      'a value that is not of its set',
      'GetShardIterator',
      { StreamName: 's', ShardId: 'x', ShardIteratorType: 'OLDEST' },
      "1 validation error detected: Value 'OLDEST' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, TRIM_HORIZON, LATEST, AT_TIMESTAMP]",
    ],
    [
      'an empty list',
      'PutRecords',
      { StreamName: 's', Records: [] },
      "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "a list's elements, counted from 1",
      'PutRecords',
      { StreamName: 's', Records: [{ Data: DATA, PartitionKey: 'k' }, { PartitionKey: '' }, null] },
      "3 validation errors detected: Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null; Value '' at 'records.2.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'records.3.member' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a list of texts, at the list',
      'EnableEnhancedMonitoring',
      { StreamName: 's', ShardLevelMetrics: ['Foo', 'ALL'] },
      "1 validation error detected: Value '[Foo, ALL]' at 'shardLevelMetrics' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [IncomingBytes, IncomingRecords, OutgoingBytes, OutgoingRecords, WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded, IteratorAgeMilliseconds, ALL], Member must not be null]",
    ],
    [
      "a map's values",
      'AddTagsToStream',
      { StreamName: 's', Tags: { a: long(257) } },
      `1 validation error detected: Value '{a=${long(257)}}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0, Member must not be null]`,
    ],
    [
      "a map's keys",
      'AddTagsToStream',
      { StreamName: 's', Tags: { '': 'x' } },
      "1 validation error detected: Value '{=x}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must not be null]",
    ],
    [
      'a structure within',
      'SubscribeToShard',
      { ConsumerARN: 'x', ShardId: 's', StartingPosition: { SequenceNumber: 'abc' } },
      "3 validation errors detected: Value 'x' at 'consumerARN' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+; Value null at 'startingPosition.type' failed to satisfy constraint: Member must not be null; Value 'abc' at 'startingPosition.sequenceNumber' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,128})",
    ],
  ] as const) {
    it(what, () => assert.equal(kinesis(operation, input), expected));
  }

  it('shows a list that is too long by the names of its structures', () => {
    const message = kinesis('PutRecords', {
      StreamName: 's',
      Records: Array.from({ length: 501 }, () => ({ Data: DATA, PartitionKey: 'k' })),
    });
    assert.match(
      message ?? '',
      /^1 validation error detected: Value '\[com\.amazonaws\.kinesis\.v20131202\.PutRecordsRequestEntry@[0-9a-f]{8}, .*at 'records' failed to satisfy constraint: Member must have length less than or equal to 500$/,
    );
  });

  it('shows bytes as Java does', () => {
    const data = Buffer.alloc(10_485_761).toString('base64');
    assert.equal(
      kinesis('PutRecord', { StreamName: 's', PartitionKey: 'k', Data: data }),
      "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=10485761 cap=10485761]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 10485760",
    );
  });

  it('lists at most ten violations', () => {
    const Records = Array.from({ length: 20 }, () => ({ Data: DATA, PartitionKey: '' }));
    const message = kinesis('PutRecords', { StreamName: 's', Records });
    assert.match(message ?? '', /^10 validation errors detected: /);
    assert.match(message ?? '', /'records.10.member.partitionKey'/);
    assert.doesNotMatch(message ?? '', /'records.11.member.partitionKey'/);
  });

  it("supports the character classes in Lambda's patterns", () => {
    const valid = { FunctionName: 'f', Role: 'arn:aws:iam::000000000000:role/r', Code: {} };
    assert.equal(violations(models.lambda, 'CreateFunction', valid), undefined);
    const message = violations(models.lambda, 'CreateFunction', { ...valid, Role: 'x' });
    assert.match(message ?? '', /^1 validation error detected: Value 'x' at 'role' /);
  });

  it('is not slowed down by hostile text', async () => {
    const StreamARN = `arn:aws${':kinesis:'.repeat(200_000)}`;
    const tookMs = await processorMsOf(() =>
      assert.match(kinesis('DescribeStream', { StreamARN }) ?? '', /^2 validation errors detected/),
    );
    assert.ok(tookMs < 1000, `${tookMs} ms`);
  });
});

describe('the types of an input', () => {
  for (const [what, operation, input, message] of [
    [
      'a number for a text',
      'CreateStream',
      { StreamName: 1 },
      'NUMBER_VALUE can not be converted to a String',
    ],
    ['true for a text', 'CreateStream', { StreamName: true }, 'TRUE_VALUE can not be converted to a String'],
    ['a list for a text', 'CreateStream', { StreamName: [] }, 'Start of list found where not expected'],
    [
      'a map for a text',
      'CreateStream',
      { StreamName: {} },
      'Start of structure or map found where not expected.',
    ],
    [
      'a text for a number',
      'CreateStream',
      { ShardCount: '1' },
      'STRING_VALUE can not be converted to an Integer',
    ],
    [
      'a number beyond 32 bits',
      'CreateStream',
      { ShardCount: 2 ** 31 },
      '2147483648 can not be converted to an Integer',
    ],
    ['a text for a list', 'PutRecords', { Records: 'x' }, 'Expected list or null'],
    [
      'a map for a list',
      'PutRecords',
      { Records: {} },
      'Start of structure or map found where not expected.',
    ],
    ['a list for a map', 'AddTagsToStream', { Tags: [] }, 'Start of list found where not expected'],
    ['a text for a structure', 'PutRecords', { Records: ['x'] }, 'Unexpected value type in payload'],
    ['a list for a structure', 'PutRecords', { Records: [[]] }, 'Start of list found where not expected'],
    ['a number for bytes', 'PutRecord', { Data: 1 }, 'NUMBER_VALUE can not be converted to a Blob'],
    [
      'base64 of a wrong length',
      'PutRecord',
      { Data: 'abc' },
      "'abc' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 3",
    ],
    [
      'what is no base64',
      'PutRecord',
      { Data: 'ab!d' },
      "'ab!d' can not be converted to a Blob: Invalid Base64 character: '!'",
    ],
    [
      "the URL's base64",
      'PutRecord',
      { Data: 'ab-_' },
      "'ab-_' can not be converted to a Blob: Invalid Base64 character: '-'",
    ],
    [
      'padding in the middle',
      'PutRecord',
      { Data: 'ab==abcd' },
      "'ab==abcd' can not be converted to a Blob: Invalid Base64 character: '='",
    ],
    // AWS's decoder refuses it, as recorded by an older suite: its low bits stand for nothing.
    [
      'a last character with stray bits',
      'PutRecord',
      { Data: '+/+=' },
      "'+/+=' can not be converted to a Blob: Last encoded character (before the paddings if any) is a valid base 64 alphabet but not a possible value",
    ],
    [
      'a last character with more stray bits',
      'PutRecord',
      { Data: 'AAAA//==' },
      "'AAAA//==' can not be converted to a Blob: Last encoded character (before the paddings if any) is a valid base 64 alphabet but not a possible value",
    ],
    [
      'a text for a time',
      'ListShards',
      { StreamCreationTimestamp: '2026-01-01T00:00:00Z' },
      'STRING_VALUE can not be converted to milliseconds since epoch',
    ],
    [
      'true for a time',
      'ListShards',
      { StreamCreationTimestamp: true },
      'TRUE_VALUE can not be converted to milliseconds since epoch',
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => kinesis(operation, input),
        (error) => error instanceof SerializationError && error.message === message,
      );
    });
  }

  it('ignores unknown members and null', () => {
    const decode = jsonDecoder(models.kinesis)('PutRecordInput');
    const json = '{"Data":"aGk=","Foo":1,"StreamName":null,"__proto__":{"StreamARN":"x"},"toString":"y"}';
    assert.deepEqual(decode(JSON.parse(json)), { Data: Buffer.from('hi') });
  });

  it('keeps any key of a map', () => {
    const decode = jsonDecoder(models.kinesis)('AddTagsToStreamInput');
    const { Tags } = decode(JSON.parse('{"Tags":{"__proto__":"x","constructor":"y"}}')) as { Tags: object };
    assert.deepEqual(Object.entries(Tags), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it('truncates fractions where integers are expected', () => {
    assert.deepEqual(jsonDecoder(models.kinesis)('CreateStreamInput')({ ShardCount: 2.7 }), {
      ShardCount: 2,
    });
  });
});
