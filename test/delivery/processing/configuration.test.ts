import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DeliveryConfigurationError } from '../../../src/delivery/configuration-error.ts';
import {
  type PartitioningInfo,
  type ProcessingInput,
  processingSettings,
  type ProcessorInput,
} from '../../../src/delivery/processing/configuration.ts';
import { processor, query } from './support.ts';

const plain: PartitioningInfo = { dynamicPartitioning: false, partitionKeys: [] };
const partitioned: PartitioningInfo = {
  dynamicPartitioning: true,
  partitionKeys: ['partitionKeyFromQuery:k'],
};
const lambda = (parameters: Readonly<Record<string, string>> = {}) =>
  processor('Lambda', { LambdaArn: 'arn:f', ...parameters });

const MODEL = 'class com.amazonaws.services.firehose.internal.model.';
const DECOMPRESSION = processor('Decompression');

/** Messages without a mark are those measured on AWS. */
const refused: readonly (readonly [string, readonly ProcessorInput[], PartitioningInfo, string])[] = [
  [
    'no processor',
    [],
    plain,
    'A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.',
  ],
  [
    'six processors',
    Array.from({ length: 6 }, () => processor('AppendDelimiterToRecord')),
    plain,
    'A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled.',
  ],
  ['two functions', [lambda(), lambda()], plain, 'Cannot have more than 1 Lambda processor.'],
  [
    'a function without ARN',
    [processor('Lambda')],
    plain,
    'LambdaArn is required when Lambda processor is used.',
  ],
  [
    '301 retries',
    [lambda({ NumberOfRetries: '301' })],
    plain,
    'Number of retries for lambda must be between 0 and 300.',
  ],
  [
    'retries that are no number',
    [lambda({ NumberOfRetries: 'x' })],
    plain,
    'Number of retries for lambda must be',
  ],
  [
    'a size without an interval',
    [lambda({ BufferSizeInMBs: '1' })],
    plain,
    'Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor.',
  ],
  [
    'a buffer of 4 MiB',
    [lambda({ BufferSizeInMBs: '4', BufferIntervalInSeconds: '60' })],
    plain,
    'BufferSizeInMBs for lambda processor must be between 0.2 and 3.',
  ],
  [
    'an interval of 901 seconds',
    [lambda({ BufferSizeInMBs: '1', BufferIntervalInSeconds: '901' })],
    plain,
    'BufferIntervalInSeconds for lambda processor must be between 0 and 900.',
  ],
  [
    'a query without dynamic partitioning',
    [query('{k: .k}')],
    plain,
    `${MODEL}MetadataExtractionProcessor can only be present when Dynamic Partitioning is enabled.`,
  ],
  [
    'deaggregation without dynamic partitioning',
    [processor('RecordDeAggregation', { SubRecordType: 'JSON' })],
    plain,
    `${MODEL}RecordDeAggregationProcessor can only be present when Dynamic Partitioning is enabled.`,
  ],
  [
    'an unknown kind of part',
    [query('{k: .k}'), processor('RecordDeAggregation', { SubRecordType: 'XML' })],
    partitioned,
    'SubRecordType has to be one of JSON, DELIMITED',
  ],
  [
    'no delimiter',
    [query('{k: .k}'), processor('RecordDeAggregation', { SubRecordType: 'DELIMITED' })],
    partitioned,
    'Delimiter should be present for DELIMITED',
  ],
  [
    'a delimiter that is not base64',
    [query('{k: .k}'), processor('RecordDeAggregation', { SubRecordType: 'DELIMITED', Delimiter: '##' })],
    partitioned,
    'Delimiter must be base64-encoded.',
  ],
  [
    'another engine',
    [processor('MetadataExtraction', { MetadataExtractionQuery: '{k: .k}', JsonParsingEngine: 'JQ-1.7' })],
    partitioned,
    'MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6',
  ],
  [
    'a key that the prefix has not',
    [query('{k: .k, other: .x}')],
    partitioned,
    "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression",
  ],
  [
    'a query that does not compile',
    [query('{k: .k')],
    partitioned,
    'MetadataExtractionQuery is invalid: syntax error',
  ],
  [
    'an unknown function',
    [query('{k: nonsense}')],
    partitioned,
    'MetadataExtractionQuery is invalid: nonsense/0 is not',
  ],
  [
    'another input',
    [query('{k: input}')],
    partitioned,
    'MetadataExtractionQuery is invalid: input/0 is not supported',
  ],
  [
    'keys of a query without one',
    [lambda()],
    partitioned,
    'MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace.',
  ],
  [
    'keys of a function without one',
    [query('{k: .k}')],
    { ...partitioned, partitionKeys: ['partitionKeyFromQuery:k', 'partitionKeyFromLambda:c'] },
    'Lambda processor should be present when S3 Prefix has partitionKeyFromLambda namespace.',
  ],
  [
    'a key that the query does not return',
    [query('{k: .k}')],
    { ...partitioned, partitionKeys: ['partitionKeyFromQuery:k', 'partitionKeyFromQuery:z'] },
    'The S3 Prefix contains !{partitionKeyFromQuery:z}, but the MetadataExtractionQuery does not return it.',
  ],
  [
    'messages without decompression',
    [processor('CloudWatchLogProcessing', { DataMessageExtraction: 'true' })],
    plain,
    'CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor',
  ],
  [
    'messages, perhaps',
    [DECOMPRESSION, processor('CloudWatchLogProcessing', { DataMessageExtraction: 'maybe' })],
    plain,
    'Invalid parameter value for DataMessageExtraction. Allowed values are True and False.',
  ],
  [
    'another compression',
    [processor('Decompression', { CompressionFormat: 'ZIP' })],
    plain,
    'CompressionFormat has to be GZIP',
  ],
  [
    'another delimiter between records',
    [processor('AppendDelimiterToRecord', { Delimiter: ';' })],
    plain,
    'nagare does not support a Delimiter other than',
  ],
  [
    'a parameter of another processor',
    [lambda({ SubRecordType: 'JSON' })],
    plain,
    'SubRecordType is not a parameter of the Lambda processor.',
  ],
];

function refusalOf(input: ProcessingInput, info: PartitioningInfo): string | undefined {
  try {
    processingSettings(input, info);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DeliveryConfigurationError, String(error));
    return error.message;
  }
}

test('a query can only return the keys that name a table if the destination is Iceberg', () => {
  const tableKeys = ['destinationDatabaseName', 'destinationTableName', 'operation'];
  const info = { ...plain, tableKeys };
  const Processors = [query('{destinationDatabaseName: "db", destinationTableName: .t}')];
  assert.equal(refusalOf({ Enabled: true, Processors }, info), undefined);
  assert.equal(
    refusalOf({ Enabled: true, Processors: [query('{table: .t}')] }, info),
    'MetadataExtractionQuery returns table; it can only return destinationDatabaseName, destinationTableName, operation.',
  );
});

suite('a ProcessingConfiguration is refused with', () => {
  for (const [called, Processors, info, message] of refused) {
    test(called, () => {
      assert.ok(
        refusalOf({ Enabled: true, Processors }, info)?.startsWith(message),
        refusalOf({ Enabled: true, Processors }, info),
      );
    });
  }

  test('dynamic partitioning, if it is not enabled', () => {
    assert.equal(
      refusalOf({ Enabled: false, Processors: [] }, partitioned),
      'Processing Configuration is not enabled when DynamicPartitioning is enabled.',
    );
  });
});

test('processors that are not enabled do nothing', () => {
  const settings = processingSettings({ Enabled: false, Processors: [lambda(), DECOMPRESSION] }, plain);
  assert.deepEqual(settings, { decompresses: false, extractsMessages: false, appendsDelimiter: false });
});

test('defaults are those of AWS', () => {
  const { lambda: settings } = processingSettings({ Enabled: true, Processors: [lambda()] }, plain);
  assert.deepEqual(settings, { functionArn: 'arn:f', roleArn: '', retries: 3, bufferBytesMax: 1024 * 1024 });
});
