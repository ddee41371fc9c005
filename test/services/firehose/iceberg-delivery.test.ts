import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type IcebergDestinationConfiguration,
  PutRecordBatchCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { CreateStreamCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { CatalogDouble } from '../../delivery/iceberg/catalog-double.ts';
import { readTable } from '../../delivery/iceberg/world.ts';
import { declared } from '../../support/declarations.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { type FirehoseWorld, ROLE, startFirehose } from './support.ts';

const CatalogARN = 'arn:aws:glue:us-east-1:000000000000:catalog';
const DeliveryStreamName = 'orders';
const n = { id: 1, name: 'n', type: 'long', required: true };

async function startTables(declarations: object = {}, baseDir?: string) {
  const catalog = await CatalogDouble.start();
  catalog.location = (name) => `s3://lake/${name}`;
  const world = await startFirehose({
    declarations: declared({ catalogs: { lake: { arn: CatalogARN, url: catalog.url } }, ...declarations }),
    ...(baseDir !== undefined && { baseDir }),
  });
  await world.createBucket('lake');
  await world.createBucket('errors');
  return {
    ...world,
    catalog,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await catalog.close();
    },
  };
}

function iceberg(more: Partial<IcebergDestinationConfiguration> = {}): IcebergDestinationConfiguration {
  return {
    RoleARN: ROLE,
    CatalogConfiguration: { CatalogARN },
    DestinationTableConfigurationList: [{ DestinationDatabaseName: 'shop', DestinationTableName: 'orders' }],
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
    S3Configuration: { RoleARN: ROLE, BucketARN: 'arn:aws:s3:::errors' },
    ...more,
  };
}

const processor = (Type: 'Lambda' | 'MetadataExtraction', parameters: Record<string, string>) => ({
  Enabled: true,
  Processors: [
    {
      Type,
      Parameters: Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
        ParameterName: ParameterName as 'LambdaArn',
        ParameterValue,
      })),
    },
  ],
});

const query = (MetadataExtractionQuery: string) =>
  processor('MetadataExtraction', { MetadataExtractionQuery, JsonParsingEngine: 'JQ-1.6' });

async function create(world: FirehoseWorld, configuration: IcebergDestinationConfiguration): Promise<void> {
  await world.firehose.send(
    new CreateDeliveryStreamCommand({ DeliveryStreamName, IcebergDestinationConfiguration: configuration }),
  );
}

async function put(world: FirehoseWorld, texts: readonly string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
  await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
}

async function rows(world: FirehoseWorld & { catalog: CatalogDouble }, name: string) {
  return await readTable(world.catalog.table(name), async (Bucket, Key) => {
    const { Body } = await world.s3.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  });
}

describe('a delivery stream into tables', () => {
  it("appends to the only table, and writes refused records below the table's prefix", async () => {
    await using world = await startTables();
    world.catalog.create('shop.orders', [n]);
    const tables = [
      {
        DestinationDatabaseName: 'shop',
        DestinationTableName: 'orders',
        S3ErrorOutputPrefix: 'orders-errors/',
      },
    ];
    await create(world, iceberg({ DestinationTableConfigurationList: tables }));
    await put(world, ['{"n":1}', 'no json', '{"n":2}', '{"m":3}']);
    await until(async () => (await rows(world, 'shop.orders')).length === 2);
    assert.deepEqual(await rows(world, 'shop.orders'), [{ n: 1n }, { n: 2n }]);
    const [errors] = await until(async () => {
      const found = await world.objects('errors');
      return found.length > 0 && found;
    });
    assert.match(errors?.key ?? '', /^orders-errors\/orders-1-\d{4}-/);
    const entries = (errors?.text ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      entries.map(({ errorCode, rawData }) => [errorCode, Buffer.from(String(rawData), 'base64').toString()]),
      [
        ['Iceberg.InvalidJson', 'no json'],
        ['Iceberg.MissingColumnWithinRecord', '{"m":3}'],
      ],
    );
  });

  it('reads a stream, creates the table and adds columns, and appends each record once', async () => {
    await using world = await startTables();
    world.catalog.fate = (commit) => (commit % 2 === 1 ? 'lost after' : 'well');
    await world.kinesis.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 2 }));
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        DeliveryStreamType: 'KinesisStreamAsSource',
        KinesisStreamSourceConfiguration: {
          KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks',
          RoleARN: ROLE,
        },
        IcebergDestinationConfiguration: iceberg({
          CatalogConfiguration: { CatalogARN, WarehouseLocation: 's3://lake/warehouse/' },
          DestinationTableConfigurationList: [
            {
              DestinationDatabaseName: 'shop',
              DestinationTableName: 'clicks',
              PartitionSpec: { Identity: [{ SourceName: 'kind' }] },
            },
          ],
          SchemaEvolutionConfiguration: { Enabled: true },
          TableCreationConfiguration: { Enabled: true },
        }),
      }),
    );
    const putAll = (texts: readonly string[]) =>
      world.kinesis.send(
        new PutRecordsCommand({
          StreamName: 'clicks',
          Records: texts.map((text, index) => ({ Data: Buffer.from(text), PartitionKey: `${index}` })),
        }),
      );
    await putAll(
      Array.from({ length: 20 }, (_, index) => `{"n":${index},"kind":"${index % 2 === 0 ? 'a' : 'b'}"}`),
    );
    await until(async () => (await rows(world, 'shop.clicks')).length === 20);
    await putAll(['{"n":20,"kind":"a","who":"x"}']);
    await until(async () => (await rows(world, 'shop.clicks')).length >= 21);
    const found = await rows(world, 'shop.clicks');
    assert.deepEqual(
      found.map((row) => Number(row['n'])).toSorted((left, right) => left - right),
      Array.from({ length: 21 }, (_, index) => index),
    );
    assert.equal(found.find((row) => Number(row['n']) === 20)?.['who'], 'x');
    assert.equal(world.catalog.table('shop.clicks')['location'], 's3://lake/warehouse/shop/clicks');
  });

  it('sends each record to the table that a query names, and refuses other operations than insert', async () => {
    await using world = await startTables();
    for (const table of ['a', 'b']) world.catalog.create(`shop.${table}`, [n]);
    const ProcessingConfiguration = query(
      '{destinationDatabaseName: "shop", destinationTableName: .table, operation: .operation}',
    );
    await create(world, iceberg({ DestinationTableConfigurationList: [], ProcessingConfiguration }));
    await put(world, [
      '{"n":1,"table":"a","operation":"insert"}',
      '{"n":2,"table":"b","operation":"insert"}',
      '{"n":3,"table":"a","operation":"delete"}',
    ]);
    await until(
      async () => (await rows(world, 'shop.a')).length + (await rows(world, 'shop.b')).length === 2,
    );
    assert.deepEqual(await rows(world, 'shop.a'), [{ n: 1n }]);
    assert.deepEqual(await rows(world, 'shop.b'), [{ n: 2n }]);
    const [errors] = await until(async () => {
      const found = await world.objects('errors');
      return found.length > 0 && found;
    });
    assert.match(errors?.text ?? '', /"errorCode":"Iceberg.UnsupportedOperation"/);
  });

  it('sends each record to the table that a function names', async () => {
    const folder = await temporaryFolder();
    const code = `exports.handler = async ({ records }) => ({
      records: records.map(({ recordId, data }) => ({
        recordId, data, result: 'Ok',
        metadata: { otfMetadata: { destinationDatabaseName: 'shop', destinationTableName: 'made', operation: 'insert' } },
      })),
    });`;
    await writeFile(join(folder, 'route.cjs'), code);
    await using world = await startTables({ functions: { route: { path: 'route.cjs' } } }, folder);
    world.catalog.create('shop.made', [n]);
    const LambdaArn = 'arn:aws:lambda:us-east-1:000000000000:function:route';
    await create(world, iceberg({ ProcessingConfiguration: processor('Lambda', { LambdaArn }) }));
    await put(world, ['{"n":7}']);
    await until(async () => (await rows(world, 'shop.made')).length === 1);
  });

  it('refuses records of a table that is missing after its retries', async () => {
    await using world = await startTables();
    await create(world, iceberg({ RetryOptions: { DurationInSeconds: 0 } }));
    await put(world, ['{"n":1}']);
    const [errors] = await until(async () => {
      const found = await world.objects('errors');
      return found.length > 0 && found;
    });
    assert.match(errors?.text ?? '', /"errorCode":"Iceberg.NoSuchTable"/);
  });

  it('is described with all defaults, and changed', async () => {
    await using world = await startTables();
    world.catalog.create('shop.other', [n]);
    await create(world, iceberg());
    const describe = async () => {
      const { DeliveryStreamDescription: described } = await world.firehose.send(
        new DescribeDeliveryStreamCommand({ DeliveryStreamName }),
      );
      return described?.Destinations?.[0]?.IcebergDestinationDescription;
    };
    assert.deepEqual(await describe(), {
      AppendOnly: false,
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
      CatalogConfiguration: { CatalogARN },
      CloudWatchLoggingOptions: { Enabled: false },
      DestinationTableConfigurationList: [
        { DestinationDatabaseName: 'shop', DestinationTableName: 'orders' },
      ],
      ProcessingConfiguration: { Enabled: false, Processors: [] },
      RetryOptions: { DurationInSeconds: 300 },
      RoleARN: ROLE,
      S3BackupMode: 'FailedDataOnly',
      S3DestinationDescription: {
        RoleARN: ROLE,
        BucketARN: 'arn:aws:s3:::errors',
        BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
        CloudWatchLoggingOptions: { Enabled: false },
        CompressionFormat: 'UNCOMPRESSED',
        EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
      },
    });
    const update = (version: string, IcebergDestinationUpdate: object) =>
      world.firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName,
          CurrentDeliveryStreamVersionId: version,
          DestinationId: 'destinationId-000000000001',
          IcebergDestinationUpdate,
        }),
      );
    const tables = [{ DestinationDatabaseName: 'shop', DestinationTableName: 'other' }];
    await update('1', { DestinationTableConfigurationList: tables });
    assert.deepEqual((await describe())?.DestinationTableConfigurationList, tables);
    await put(world, ['{"n":1}']);
    await until(async () => (await rows(world, 'shop.other')).length === 1);
    await assert.rejects(update('2', { AppendOnly: true }), /AppendOnly can only be set when/);
    await assert.rejects(
      world.firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName,
          CurrentDeliveryStreamVersionId: '2',
          DestinationId: 'destinationId-000000000001',
          ExtendedS3DestinationUpdate: {},
        }),
      ),
      /The type of a destination cannot be changed\. Use IcebergDestinationUpdate/,
    );
  });

  const table = { DestinationDatabaseName: 'shop', DestinationTableName: 'orders' };
  const refused: [what: string, Partial<IcebergDestinationConfiguration>, RegExp][] = [
    [
      'a catalog that nagare.yaml does not name',
      { CatalogConfiguration: { CatalogARN: `${CatalogARN}/other` } },
      /catalog\/other is unknown\. Declare it under catalogs in nagare\.yaml/,
    ],
    ['no catalog', { CatalogConfiguration: {} }, /CatalogARN must be specified/],
    [
      'unique keys',
      { DestinationTableConfigurationList: [{ ...table, UniqueKeys: ['n'] }] },
      /nagare does not support UniqueKeys/,
    ],
    [
      'two tables without routing',
      { DestinationTableConfigurationList: [table, { ...table, DestinationTableName: 'b' }] },
      /must have exactly one table, unless a Lambda or MetadataExtraction processor/,
    ],
    ['a table twice', { DestinationTableConfigurationList: [table, table] }, /has shop\.orders twice/],
    [
      'partitions of a table that is not created',
      {
        DestinationTableConfigurationList: [{ ...table, PartitionSpec: { Identity: [{ SourceName: 'n' }] } }],
      },
      /PartitionSpec is for tables that are created/,
    ],
    ['a backup of all data', { S3BackupMode: 'AllData' }, /nagare does not support S3BackupMode AllData/],
    [
      'a query for other keys',
      { ProcessingConfiguration: query('{customer: .c}') },
      /MetadataExtractionQuery returns customer; it can only return destinationDatabaseName/,
    ],
    [
      'a wrong error prefix',
      { DestinationTableConfigurationList: [{ ...table, S3ErrorOutputPrefix: '!{nothing}' }] },
      /Invalid expression usage in ErrorOutputPrefix/,
    ],
    ['half of a buffer', { BufferingHints: { SizeInMBs: 1 } }, /you must specify both/],
  ];
  for (const [what, configuration, message] of refused) {
    it(`is refused with ${what}`, async () => {
      await using world = await startTables();
      await assert.rejects(create(world, iceberg(configuration)), (error: Error) => {
        assert.equal(error.name, 'InvalidArgumentException');
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('is declared in nagare.yaml', async () => {
    const icebergDestinationConfiguration = {
      catalogConfiguration: { catalogARN: CatalogARN },
      destinationTableConfigurationList: [
        { destinationDatabaseName: 'shop', destinationTableName: 'orders' },
      ],
      bufferingHints: { sizeInMBs: 1, intervalInSeconds: 0 },
      s3Configuration: { bucketARN: 'arn:aws:s3:::errors' },
    };
    await using world = await startTables({
      deliveryStreams: { orders: { icebergDestinationConfiguration } },
    });
    world.catalog.create('shop.orders', [n]);
    await put(world, ['{"n":1}']);
    await until(async () => (await rows(world, 'shop.orders')).length === 1);
  });
});
