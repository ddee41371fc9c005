import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateChannelCommand,
  DescribeChannelCommand,
  ListChannelsCommand,
  PutRecordsCommand,
  UpdateChannelCommand,
} from '@aws-sdk/client-kinesis';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { openRemoteStore } from '../../../../src/services/s3/remote-store.ts';
import { CatalogDouble } from '../../../delivery/iceberg/catalog-double.ts';
import { readTable } from '../../../delivery/iceberg/world.ts';
import { declared } from '../../../support/declarations.ts';
import { until } from '../../../support/until.ts';
import { ACCOUNT, BUCKET_ARN, ROLE, startChannels } from '../support/channels.ts';
import { ARN } from '../support/streams.ts';

const TableBucketARN = `arn:aws:s3tables:us-east-1:${ACCOUNT}:bucket/tables`;

const input = {
  ChannelName: 'table',
  ServiceExecutionRoleARN: ROLE,
  StreamConfigurationList: [
    { StreamARN: `${ARN}/orders`, RecordConfiguration: { RecordFormatType: 'JSON' as const } },
  ],
  S3TablesDestinationConfiguration: {
    DataFreshnessInSeconds: 1,
    DeadLetterQueueS3Configuration: { BucketARN: BUCKET_ARN, ExpectedBucketOwner: ACCOUNT },
    S3TablesConfigurationList: [
      {
        TableBucketARN,
        Namespace: 'shop',
        TableName: 'orders',
        CompressionType: 'SNAPPY' as const,
        PartitionSpec: { PartitionFields: [{ SourceName: 'at', Transform: 'TIME_HOUR' as const }] },
      },
    ],
  },
};

test('a channel delivers JSON into a table that it makes, each record once, and what does not fit to the dead letters', async () => {
  const catalog = await CatalogDouble.start();
  await using world = await startChannels({
    declarations: declared({ catalogs: { tables: { arn: TableBucketARN, url: catalog.url } } }),
  });
  const { client, s3, server } = world;
  catalog.location = (name) => `s3://bucket/${name}`;
  // The first commit lands, and its answer is lost.
  catalog.fate = (commit) => (commit === 1 ? 'lost after' : 'well');
  const { ChannelDescription } = await client.send(new CreateChannelCommand(input));
  assert.equal(ChannelDescription?.ChannelStatus, 'ACTIVE');
  const count = 40;
  const Records = Array.from({ length: count }, (_, n) => ({
    Data: Buffer.from(`{"n":${n},"at":"2024-02-29T0${n % 3}:30:00Z"}`),
    PartitionKey: `key-${n}`,
  }));
  Records.push({ Data: Buffer.from('no json'), PartitionKey: 'x' });
  await client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  const store = await openRemoteStore({
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const read = () =>
    readTable(catalog.table('shop.orders'), (bucket, key) => store.get(bucket, key).then(({ body }) => body));
  await until(async () => (await read()).length >= count);
  const values = (await read()).map((row) => Number(row['n'])).toSorted((left, right) => left - right);
  assert.deepEqual(
    values,
    Array.from({ length: count }, (_, n) => n),
  );
  const listed = await until(async () => {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'kinesis-channel/errors/' }),
    );
    return Contents.length > 0 && Contents;
  });
  const letter = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: listed[0]?.Key }));
  assert.match((await letter.Body?.transformToString()) ?? '', /"errorCode":"Iceberg.InvalidJson"/);
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'shop.orders/data/' }),
  );
  assert.ok(Contents.every(({ Key = '' }) => /data\/at_hour=2024-02-29-0[012]\/.*\.parquet$/.test(Key)));
  store.close();
  await catalog.close();
});

test('a channel into a table is described, listed and changed', async () => {
  await using world = await startChannels({
    declarations: declared({ catalogs: { tables: { arn: TableBucketARN, url: 'http://127.0.0.1:1' } } }),
  });
  const { client } = world;
  const { ChannelDescription } = await client.send(new CreateChannelCommand(input));
  const { ChannelARN, ChannelId } = ChannelDescription ?? {};
  const destination = {
    ...input.S3TablesDestinationConfiguration,
    DeadLetterQueueS3Configuration: {
      BucketARN: BUCKET_ARN,
      ExpectedBucketOwner: ACCOUNT,
      ErrorOutputPrefix: `kinesis-channel/errors/table/${ChannelId}/`,
    },
  };
  assert.deepEqual(ChannelDescription?.S3TablesDestinationConfiguration, destination);
  assert.equal(ChannelDescription.S3DestinationConfiguration, undefined);
  const { ChannelSummaries } = await client.send(new ListChannelsCommand({}));
  assert.equal(ChannelSummaries?.[0]?.ChannelDestinationType, 'S3_TABLES');
  const S3TablesDestinationConfiguration = { DataFreshnessInSeconds: 300 };
  await client.send(new UpdateChannelCommand({ ChannelARN, S3TablesDestinationConfiguration }));
  await world.server.restart();
  const described = await client.send(new DescribeChannelCommand({ ChannelARN }));
  assert.deepEqual(described.ChannelDescription?.S3TablesDestinationConfiguration, {
    ...destination,
    DataFreshnessInSeconds: 300,
  });
  await assert.rejects(
    client.send(
      new UpdateChannelCommand({ ChannelARN, S3DestinationConfiguration: { DataFreshnessInSeconds: 300 } }),
    ),
    /S3DestinationConfiguration does not match the channel: it delivers to S3 Tables/,
  );
  await assert.rejects(
    client.send(new UpdateChannelCommand({ ChannelARN })),
    /Either S3TablesDestinationConfiguration or LoggingConfiguration must be specified/,
  );
});
