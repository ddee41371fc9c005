import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  PutRecordBatchCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { CreateStreamCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { compressors } from 'hyparquet-compressors';
import { parquetReadObjects } from 'hyparquet';
import { clientOptions } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { ROLE, s3Destination, startFirehose, type FirehoseWorld } from './support.ts';

let world: FirehoseWorld;
let glue: GlueClient;

before(async () => {
  world = await startFirehose();
  glue = new GlueClient(clientOptions(world.server.endpoint));
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'shop' } }));
});

after(async () => {
  glue.destroy();
  await world[Symbol.asyncDispose]();
});

type Columns = Readonly<Record<string, string>>;

function tableInput(name: string, columns: Columns) {
  const Columns = Object.entries(columns).map(([Name, Type]) => ({ Name, Type }));
  return { Name: name, StorageDescriptor: { Columns } };
}

async function createTable(name: string, columns: Columns): Promise<void> {
  await glue.send(new CreateTableCommand({ DatabaseName: 'shop', TableInput: tableInput(name, columns) }));
}

function conversion(table: string, schema: object = {}, more: object = {}) {
  return {
    SchemaConfiguration: { RoleARN: ROLE, DatabaseName: 'shop', TableName: table, ...schema },
    InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
    OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
    ...more,
  };
}

/** With a bucket of its name. */
async function create(
  name: string,
  DataFormatConversionConfiguration: object,
  more: object = {},
): Promise<void> {
  await world.createBucket(name);
  await world.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: s3Destination(name, {
        BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 },
        ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
        Prefix: 'data/',
        DataFormatConversionConfiguration,
        ...more,
      }),
    }),
  );
}

async function put(name: string, ...texts: string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
  await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: name, Records }));
}

/** The rows of all data objects, when there are so many; objects of one second have no order. */
async function rows(bucket: string, count: number): Promise<Record<string, unknown>[]> {
  return await until(async () => {
    const all: Record<string, unknown>[] = [];
    for (const { key } of await world.objects(bucket)) {
      if (!key.startsWith('data/')) continue;
      assert.match(key, /\.parquet$/);
      const { Body } = await world.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = new Uint8Array((await Body?.transformToByteArray()) ?? []);
      all.push(...(await parquetReadObjects({ file: bytes.buffer, compressors })));
    }
    return all.length >= count && all.sort((left, right) => Number(firstOf(left)) - Number(firstOf(right)));
  });
}

/** The value of the first column. */
function firstOf(row: Record<string, unknown>): unknown {
  return Object.values(row)[0];
}

describe('format conversion of a delivery stream', () => {
  it("writes rows as Parquet, and refused records with AWS's messages", async () => {
    await createTable('orders', {
      id: 'bigint',
      at: 'timestamp',
      items: 'array<struct<sku:string,count:int>>',
    });
    await create('convert', conversion('orders'));
    await put(
      'convert',
      '{"ID":9007199254740993,"at":"2026-11-29 01:02:03","items":[{"sku":"a","count":1}]}',
      '{"id":"oops"}',
      'no JSON',
      '{"id":2}{"id":3}',
    );
    assert.deepEqual(
      (await rows('convert', 3)).map(({ id, at, items }) => [id, at ?? null, items ?? null]),
      [
        [2n, null, null],
        [3n, null, null],
        [9007199254740993n, new Date('2026-11-29T01:02:03Z'), [{ sku: 'a', count: 1 }]],
      ],
    );
    const errors = await until(async () => {
      const found = (await world.objects('convert')).filter(({ key }) =>
        key.startsWith('errors/format-conversion-failed/'),
      );
      const lines = found.flatMap(({ text }) => text.trim().split('\n'));
      return lines.length >= 2 && lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    });
    assert.deepEqual(
      errors.map(({ lastErrorCode, lastErrorMessage, rawData, attemptsMade, subSequenceNumber }) => [
        lastErrorCode,
        lastErrorMessage,
        Buffer.from(String(rawData), 'base64').toString(),
        attemptsMade,
        subSequenceNumber,
      ]),
      [
        [
          'DataFormatConversion.MalformedData',
          'Data does not match the schema. For input string: "oops"',
          '{"id":"oops"}',
          1,
          0,
        ],
        [
          'DataFormatConversion.ParseError',
          'Encountered malformed JSON. Unexpected character "n" at position 0',
          'no JSON',
          1,
          0,
        ],
      ],
    );
    const [{ arrivalTimestamp, attemptEndingTimestamp, sequenceNumber, dataCatalogTable } = {}] = errors;
    assert.ok(Number(attemptEndingTimestamp) >= Number(arrivalTimestamp));
    assert.match(String(sequenceNumber), /^\d+$/);
    assert.deepEqual(dataCatalogTable, {
      catalogId: '000000000000',
      databaseName: 'shop',
      tableName: 'orders',
      region: 'us-east-1',
      versionId: 'LATEST',
      roleArn: ROLE,
      catalogArn: 'arn:aws:glue:us-east-1:000000000000:catalog',
    });
  });

  it('uses the latest version of the table, or the configured one', async () => {
    await createTable('versions', { a: 'int' });
    await create('latest', conversion('versions'));
    await create('pinned', conversion('versions', { VersionId: '0' }));
    await put('latest', '{"a":1,"b":1}');
    assert.deepEqual(await rows('latest', 1), [{ a: 1 }]);
    const TableInput = tableInput('versions', { a: 'int', b: 'string' });
    await glue.send(new UpdateTableCommand({ DatabaseName: 'shop', TableInput }));
    await put('latest', '{"a":2,"b":2}');
    await put('pinned', '{"a":3,"b":3}');
    assert.deepEqual(await rows('latest', 2), [{ a: 1 }, { a: 2, b: '2' }]);
    assert.deepEqual(await rows('pinned', 1), [{ a: 3 }]);
  });

  it('keeps records while the table is missing, and delivers them when it exists again', async () => {
    await createTable('gone', { a: 'int' });
    await create('waits', conversion('gone'));
    await glue.send(new DeleteTableCommand({ DatabaseName: 'shop', Name: 'gone' }));
    await put('waits', '{"a":1}');
    await createTable('gone', { a: 'bigint' });
    assert.deepEqual(await rows('waits', 1), [{ a: 1n }]);
  });

  it('converts the records of a Kinesis stream, with all options of the serializer', async () => {
    await createTable('stream', { n: 'int', text: 'varchar(10)' });
    await world.kinesis.send(new CreateStreamCommand({ StreamName: 'source', ShardCount: 1 }));
    await world.createBucket('kinesis');
    const ParquetSerDe = {
      BlockSizeBytes: 67_108_864,
      PageSizeBytes: 65_536,
      Compression: 'GZIP' as const,
      EnableDictionaryCompression: true,
      MaxPaddingBytes: 8_388_608,
      WriterVersion: 'V2' as const,
    };
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName: 'kinesis',
        DeliveryStreamType: 'KinesisStreamAsSource',
        KinesisStreamSourceConfiguration: {
          KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/source',
          RoleARN: ROLE,
        },
        ExtendedS3DestinationConfiguration: s3Destination('kinesis', {
          Prefix: 'data/',
          ErrorOutputPrefix: 'errors/',
          BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 },
          DataFormatConversionConfiguration: conversion(
            'stream',
            {},
            {
              InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: { TimestampFormats: ['millis'] } } },
              OutputFormatConfiguration: { Serializer: { ParquetSerDe } },
            },
          ),
        }),
      }),
    );
    const Records = Array.from({ length: 100 }, (_, n) => ({
      PartitionKey: 'p',
      Data: Buffer.from(JSON.stringify({ n, text: `t${n % 3}` })),
    }));
    await world.kinesis.send(new PutRecordsCommand({ StreamName: 'source', Records }));
    const read = await rows('kinesis', 100);
    assert.deepEqual(read.slice(0, 2), [
      { n: 0, text: 't0' },
      { n: 1, text: 't1' },
    ]);
    const { DeliveryStreamDescription: described } = await world.firehose.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'kinesis' }),
    );
    const destination = described?.Destinations?.[0]?.ExtendedS3DestinationDescription;
    const shown = destination?.DataFormatConversionConfiguration?.OutputFormatConfiguration;
    assert.deepEqual(shown?.Serializer?.ParquetSerDe, ParquetSerDe);
  });

  it('keeps the members that an update omits', async () => {
    await createTable('first', { a: 'int' });
    await createTable('second', { a: 'string' });
    await create('merged', conversion('first'));
    const update = async (version: string, DataFormatConversionConfiguration: object) => {
      await world.firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName: 'merged',
          CurrentDeliveryStreamVersionId: version,
          DestinationId: 'destinationId-000000000001',
          ExtendedS3DestinationUpdate: { DataFormatConversionConfiguration },
        }),
      );
    };
    await update('1', { SchemaConfiguration: { TableName: 'second' } });
    await put('merged', '{"a":1}');
    assert.deepEqual(await rows('merged', 1), [{ a: '1' }]);
    await update('2', { Enabled: false });
    const { DeliveryStreamDescription: described } = await world.firehose.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'merged' }),
    );
    const destination = described?.Destinations?.[0]?.ExtendedS3DestinationDescription;
    assert.deepEqual(
      destination?.DataFormatConversionConfiguration,
      conversion('second', {}, { Enabled: false }),
    );
  });

  it('is validated on creation and update: table, types, buffer, compression, ORC', async () => {
    await createTable('right', { a: 'int' });
    await createTable('wrong', { a: 'uniontype<int,string>' });
    const attempt = async (configuration: object, more: object = {}) => {
      try {
        await world.firehose.send(
          new CreateDeliveryStreamCommand({
            DeliveryStreamName: 'refused',
            ExtendedS3DestinationConfiguration: s3Destination('refused', {
              BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 },
              DataFormatConversionConfiguration: configuration,
              ...more,
            }),
          }),
        );
        return 'created';
      } catch (error) {
        assert(error instanceof Error);
        return `${error.name}: ${error.message}`;
      }
    };
    const refusal = /^InvalidArgumentException: /;
    assert.match(await attempt(conversion('none')), refusal);
    assert.match(await attempt(conversion('none')), /shop\.none.*EntityNotFoundException/);
    assert.match(await attempt(conversion('right', { VersionId: '7' })), /version 7/);
    assert.match(
      await attempt(conversion('right', { CatalogId: '111122223333' })),
      /EntityNotFoundException/,
    );
    assert.match(
      await attempt(conversion('wrong')),
      /^InvalidArgumentException: Column a has the type uniontype/,
    );
    assert.match(
      await attempt(conversion('right'), { BufferingHints: { SizeInMBs: 63, IntervalInSeconds: 0 } }),
      /^InvalidArgumentException: BufferingHints\.SizeInMBs must be at least 64 when data format conversion is enabled\.$/,
    );
    assert.match(
      await attempt(conversion('right'), { CompressionFormat: 'GZIP' }),
      /^InvalidArgumentException: The S3 destination's compression format must be set to UNCOMPRESSED/,
    );
    const orc = { OutputFormatConfiguration: { Serializer: { OrcSerDe: {} } } };
    assert.match(await attempt(conversion('right', {}, orc)), /^InvalidArgumentException: .*OrcSerDe/);
    await create('changed', conversion('right'), { BufferingHints: undefined });
    const { DeliveryStreamDescription: described } = await world.firehose.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'changed' }),
    );
    const [destination] = described?.Destinations ?? [];
    assert.equal(destination?.ExtendedS3DestinationDescription?.BufferingHints?.SizeInMBs, 128);
    await assert.rejects(
      world.firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName: 'changed',
          CurrentDeliveryStreamVersionId: '1',
          DestinationId: destination?.DestinationId,
          ExtendedS3DestinationUpdate: { DataFormatConversionConfiguration: conversion('none') },
        }),
      ),
      { name: 'InvalidArgumentException' },
    );
  });
});
