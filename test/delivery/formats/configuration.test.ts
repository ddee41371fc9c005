import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataFormatConversionConfiguration } from '@aws-sdk/client-firehose';
import { readFormatConfiguration } from '../../../src/delivery/formats/configuration.ts';
import { parquetDefaults } from './conversions.ts';

const info = { compressionFormat: undefined, bufferMiB: undefined };

const complete: DataFormatConversionConfiguration = {
  SchemaConfiguration: {
    RoleARN: 'arn:aws:iam::000000000000:role/r',
    DatabaseName: 'shop',
    TableName: 'orders',
  },
  InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
  OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
};

test("a conversion is enabled by default, and has the API's defaults", () => {
  assert.deepEqual(readFormatConfiguration(complete, info), {
    serDe: { kind: 'OpenX', caseInsensitive: true, convertsDots: false, keyOfColumn: {} },
    parquet: parquetDefaults,
    schema: {
      roleArn: 'arn:aws:iam::000000000000:role/r',
      databaseName: 'shop',
      tableName: 'orders',
      catalogId: undefined,
      region: undefined,
      versionId: 'LATEST',
    },
  });
  assert.equal(readFormatConfiguration(undefined, info), undefined);
  assert.equal(
    readFormatConfiguration({ ...complete, Enabled: false }, { ...info, bufferMiB: 1 }),
    undefined,
  );
});

// The words and their order are those recorded on AWS in 2026, but for ORC and timestamp formats.
const refusals: [what: string, change: object, message: RegExp, info?: object][] = [
  [
    'compression of the object',
    {},
    /^The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled\. To enable/,
    { compressionFormat: 'GZIP', bufferMiB: 1 },
  ],
  [
    'a small buffer',
    { InputFormatConfiguration: undefined },
    /^BufferingHints\.SizeInMBs must be at least 64 when data format conversion is enabled\.$/,
    { bufferMiB: 63 },
  ],
  ['no input format', { InputFormatConfiguration: undefined }, /^InputFormatConfiguration must not be null$/],
  [
    'no output format',
    { OutputFormatConfiguration: undefined },
    /^OutputFormatConfiguration must not be null$/,
  ],
  ['no schema', { SchemaConfiguration: undefined }, /^SchemaConfiguration must not be null$/],
  ['no deserializer', { InputFormatConfiguration: { Deserializer: {} } }, /^Deserializer must not be null$/],
  [
    'two deserializers',
    { InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {}, HiveJsonSerDe: {} } } },
    /^More than one deserializer specified\. Only one may be chosen\.$/,
  ],
  ['no serializer', { OutputFormatConfiguration: { Serializer: {} } }, /^Serializer must not be null$/],
  [
    'two serializers',
    { OutputFormatConfiguration: { Serializer: { ParquetSerDe: {}, OrcSerDe: {} } } },
    /^More than one serializer specified\. Only one may be chosen\.$/,
  ],
  ['ORC', { OutputFormatConfiguration: { Serializer: { OrcSerDe: {} } } }, /OrcSerDe/],
  [
    'no role',
    { SchemaConfiguration: { DatabaseName: 'shop', TableName: 'orders' } },
    /^SchemaConfiguration\.RoleArn must not be null or empty$/,
  ],
  [
    'a timestamp format with weeks',
    { InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: { TimestampFormats: ['xxxx-ww'] } } } },
    /^Invalid deserializer option\(s\): .* xxxx /,
  ],
  [
    'a timestamp format with an open quote',
    { InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: { TimestampFormats: ["yyyy'T"] } } } },
    /quote is not closed/,
  ],
];

for (const [what, change, message, given = {}] of refusals) {
  test(`is refused: ${what}`, () => {
    assert.throws(
      () => readFormatConfiguration({ ...complete, ...change }, { ...info, ...given }),
      (error: Error) => error.name === 'DeliveryConfigurationError' && message.test(error.message),
    );
  });
}
