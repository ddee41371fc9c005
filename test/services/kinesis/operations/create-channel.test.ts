import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateChannelCommand,
  type CreateChannelInput,
  DescribeChannelCommand,
  DescribeLimitsCommand,
  DescribeStreamSummaryCommand,
  type RecordFormatType,
} from '@aws-sdk/client-kinesis';
import {
  ACCOUNT,
  BUCKET_ARN,
  channelInput,
  createChannel,
  createOnDemand,
  ROLE,
  startChannels,
} from '../support/channels.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream } from '../support/streams.ts';

const TEMPLATE =
  'kinesis-channel/!{channel-name}/!{channel-id}/!{yyyy}/!{MM}/!{dd}/!{HH}/!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}';

describe('a channel', () => {
  test("is described with AWS's defaults", async () => {
    await using world = await startChannels();
    const { ChannelId = '', ...description } = await createChannel(world.client, 'archive', {
      destination: {},
      storage: { CompressionType: 'ZSTD' },
      channel: { Tags: { team: 'blue' } },
    });
    assert.match(ChannelId, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    const { ChannelCreationTimestamp, StreamConfigurationList, ...rest } = description;
    assert.ok(ChannelCreationTimestamp instanceof Date);
    const [{ StreamCreationTimestamp, ...stream } = {}] = StreamConfigurationList ?? [];
    assert.ok(StreamCreationTimestamp instanceof Date);
    assert.deepEqual(stream, {
      StreamARN: `${ARN}/orders`,
      RecordConfiguration: { RecordFormatType: 'STRING' },
    });
    assert.deepEqual(rest, {
      ChannelName: 'archive',
      ChannelARN: `arn:aws:kinesis:us-east-1:${ACCOUNT}:channel/${ChannelId}`,
      ChannelStatus: 'ACTIVE',
      ServiceExecutionRoleARN: ROLE,
      S3DestinationConfiguration: {
        DataFreshnessInSeconds: 1,
        DeadLetterQueueS3Configuration: {
          BucketARN: BUCKET_ARN,
          ExpectedBucketOwner: ACCOUNT,
          ErrorOutputPrefix: `kinesis-channel/errors/archive/${ChannelId}/`,
        },
        StorageConfiguration: {
          BucketARN: BUCKET_ARN,
          ExpectedBucketOwner: ACCOUNT,
          CompressionType: 'ZSTD',
          OutputKeyTemplate: TEMPLATE,
          StorageClass: 'STANDARD',
        },
      },
      LoggingConfiguration: {
        CloudWatchLogs: {
          Enabled: false,
          LogGroupName: `/aws/kinesis/archive/${ChannelId}`,
          LogStreamName: 'DestinationDelivery',
        },
      },
    });
  });

  test('is counted in its stream and in the account, and survives a restart', async () => {
    await using world = await startChannels();
    const { ChannelARN } = await createChannel(world.client);
    await world.server.restart();
    const summary = await world.client.send(new DescribeStreamSummaryCommand({ StreamName: 'orders' }));
    assert.equal(summary.StreamDescriptionSummary?.ChannelCount, 1);
    assert.equal((await world.client.send(new DescribeLimitsCommand({}))).ChannelCount, 1);
    const { ChannelDescription } = await world.client.send(new DescribeChannelCommand({ ChannelARN }));
    assert.equal(ChannelDescription?.ChannelStatus, 'ACTIVE');
  });

  test('delivers data within 300 seconds, by default', async () => {
    await using world = await startChannels();
    const input = channelInput('archive');
    const { StorageConfiguration } = input.S3DestinationConfiguration ?? {};
    const S3DestinationConfiguration = { StorageConfiguration };
    const { ChannelDescription } = await world.client.send(
      new CreateChannelCommand({ ...input, S3DestinationConfiguration }),
    );
    assert.equal(ChannelDescription?.S3DestinationConfiguration?.DataFreshnessInSeconds, 300);
  });

  test('is FAILED, with the reason, when its bucket does not exist or has another owner', async () => {
    await using world = await startChannels();
    const missing = { BucketARN: 'arn:aws:s3:::nowhere', ExpectedBucketOwner: ACCOUNT };
    const cases = {
      'The bucket nowhere does not exist.': { storage: missing },
      'The bucket bucket is not owned by the expected account 111111111111.': {
        storage: { ExpectedBucketOwner: '111111111111' },
      },
    };
    for (const [index, [reason, changes]] of Object.entries(cases).entries()) {
      const description = await createChannel(world.client, `failing-${index}`, changes);
      assert.equal(description.ChannelStatus, 'FAILED');
      assert.equal(description.ChannelStatusReason, reason);
    }
    const description = await createChannel(world.client, 'letters', {
      destination: { DeadLetterQueueS3Configuration: missing },
    });
    assert.equal(description.ChannelStatusReason, 'The bucket nowhere does not exist.');
  });

  test('is CREATING as long as states last', async () => {
    await using world = await startChannels({ lifecycleMs: 200 });
    for (;;) {
      const { StreamDescriptionSummary: stream } = await world.client.send(
        new DescribeStreamSummaryCommand({ StreamName: 'orders' }),
      );
      if (stream?.StreamStatus === 'ACTIVE') break;
    }
    const { ChannelARN, ChannelStatus } = await createChannel(world.client);
    assert.equal(ChannelStatus, 'CREATING');
    for (;;) {
      const { ChannelDescription } = await world.client.send(new DescribeChannelCommand({ ChannelARN }));
      if (ChannelDescription?.ChannelStatus === 'ACTIVE') break;
      assert.equal(ChannelDescription?.ChannelStatus, 'CREATING');
    }
  });
});

describe('refused requests, and their messages', () => {
  const { StorageConfiguration: storage } = channelInput('a').S3DestinationConfiguration ?? {};
  const argument = 'InvalidArgumentException';
  const tables = {
    DeadLetterQueueS3Configuration: { BucketARN: BUCKET_ARN, ExpectedBucketOwner: ACCOUNT },
    S3TablesConfigurationList: [
      {
        TableBucketARN: 'arn:aws:s3tables:us-east-1:000000000000:bucket/tables',
        Namespace: 'n',
        TableName: 't',
        CompressionType: 'ZSTD' as const,
      },
    ],
  };
  const intoTables = (change: {
    readonly format?: RecordFormatType;
    readonly GSRSchemaARN?: string;
    readonly tables?: typeof tables.S3TablesConfigurationList;
  }): CreateChannelInput => {
    const { format = 'JSON', GSRSchemaARN, tables: list = tables.S3TablesConfigurationList } = change;
    const input = channelInput('a', { format });
    const [source] = input.StreamConfigurationList ?? [];
    return {
      ...input,
      S3DestinationConfiguration: undefined,
      S3TablesDestinationConfiguration: { ...tables, S3TablesConfigurationList: list },
      StreamConfigurationList: [
        { StreamARN: source?.StreamARN, RecordConfiguration: { RecordFormatType: format, GSRSchemaARN } },
      ],
    };
  };
  const KeyId = 'alias/key';
  const cases: [string, CreateChannelInput, string, RegExp][] = [
    [
      'a table bucket whose catalog is not declared',
      intoTables({}),
      argument,
      /arn:aws:s3tables:us-east-1:000000000000:bucket\/tables is not known: nagare\.yaml names the catalog/,
    ],
    [
      'two tables',
      intoTables({ tables: [...tables.S3TablesConfigurationList, ...tables.S3TablesConfigurationList] }),
      argument,
      /S3TablesConfigurationList must have one table/,
    ],
    [
      'texts into S3 Tables',
      intoTables({ format: 'STRING' }),
      argument,
      /RecordFormatType STRING is only supported for S3DestinationConfiguration/,
    ],
    [
      'records with a schema of a registry into S3 Tables',
      intoTables({ format: 'GSR_JSON' }),
      argument,
      /nagare does not support AWS Glue Schema Registry yet/,
    ],
    [
      'a schema of a registry for S3 Tables',
      intoTables({ GSRSchemaARN: 'arn:aws:glue:us-east-1:000000000000:schema/r/s' }),
      argument,
      /nagare does not support AWS Glue Schema Registry yet/,
    ],
    [
      'two destinations',
      channelInput('a', { channel: { S3TablesDestinationConfiguration: tables } }),
      argument,
      /Exactly one of S3DestinationConfiguration and S3TablesDestinationConfiguration/,
    ],
    [
      'no destination',
      channelInput('a', { channel: { S3DestinationConfiguration: undefined } }),
      argument,
      /Exactly one of/,
    ],
    ['GSR_JSON into S3', channelInput('a', { format: 'GSR_JSON' }), argument, /RecordFormatType GSR_JSON/],
    [
      'a key',
      channelInput('a', { channel: { EncryptionConfiguration: { EncryptionType: 'KMS', KeyId } } }),
      argument,
      /nagare does not support EncryptionConfiguration/,
    ],
    [
      'CloudWatch Logs',
      channelInput('a', { channel: { LoggingConfiguration: { CloudWatchLogs: { Enabled: true } } } }),
      argument,
      /nagare does not support LoggingConfiguration.CloudWatchLogs/,
    ],
    [
      'another storage class',
      channelInput('a', { storage: { StorageClass: 'GLACIER_IR' } }),
      argument,
      /StorageClass GLACIER_IR/,
    ],
    [
      'data that is too old',
      channelInput('a', { destination: { StorageConfiguration: storage, DataFreshnessInSeconds: 901 } }),
      argument,
      /DataFreshnessInSeconds must be between 1 and 900, and is 901/,
    ],
    [
      'a template with an unknown variable',
      channelInput('a', { storage: { OutputKeyTemplate: 'x/!{shard}' } }),
      argument,
      /!\{shard\} is not a variable/,
    ],
    [
      'a stream that is not there',
      channelInput('a', { stream: 'nothing' }),
      'ResourceNotFoundException',
      /Stream nothing under account 000000000000 not found/,
    ],
    [
      'what is not the ARN of a bucket',
      channelInput('a', { storage: { BucketARN: 'arn:aws:s3:::A' } }),
      'ValidationException',
      /bucketARN' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    ],
    [
      'a role that is none',
      channelInput('a', { channel: { ServiceExecutionRoleARN: 'arn:aws:iam::000000000000:role/a b' } }),
      'ValidationException',
      /serviceExecutionRoleARN/,
    ],
    [
      'a prefix that cannot be that of a key',
      channelInput('a', {
        destination: {
          StorageConfiguration: storage,
          DeadLetterQueueS3Configuration: {
            BucketARN: BUCKET_ARN,
            ExpectedBucketOwner: ACCOUNT,
            ErrorOutputPrefix: 'a?',
          },
        },
      }),
      'ValidationException',
      /errorOutputPrefix/,
    ],
    [
      'a log group that cannot be one',
      channelInput('a', {
        channel: { LoggingConfiguration: { CloudWatchLogs: { Enabled: false, LogGroupName: 'a b' } } },
      }),
      'ValidationException',
      /logGroupName/,
    ],
    [
      'two streams',
      channelInput('a', {
        channel: {
          StreamConfigurationList: ['orders', 'other'].map((name) => ({
            StreamARN: `${ARN}/${name}`,
            RecordConfiguration: { RecordFormatType: 'STRING' },
          })),
        },
      }),
      argument,
      /StreamConfigurationList must have one stream/,
    ],
    [
      'data that is fresher than now',
      channelInput('a', { destination: { StorageConfiguration: storage, DataFreshnessInSeconds: 0 } }),
      argument,
      /DataFreshnessInSeconds must be between 1 and 900, and is 0/,
    ],
  ];

  test('unsupported options, by name', async () => {
    await using world = await startChannels();
    for (const [what, input, name, message] of cases) {
      await assert.rejects(world.client.send(new CreateChannelCommand(input)), { name, message }, what);
    }
  });

  test('a stream in provisioned mode', async () => {
    await using world = await startChannels();
    await createStream(world.client, 'provisioned');
    await assert.rejects(createChannel(world.client, 'a', { stream: 'provisioned' }), {
      name: argument,
      message: /only supported for streams in ON_DEMAND mode/,
    });
  });

  test('an existing name', async () => {
    await using world = await startChannels();
    await createChannel(world.client);
    await assert.rejects(createChannel(world.client), {
      name: 'ResourceInUseException',
      message: `Channel archive under account ${ACCOUNT} already exists.`,
    });
  });

  test('more channels than a stream may have', async () => {
    await using world = await startChannels();
    for (let index = 0; index < 20; index++) await createChannel(world.client, `archive-${index}`);
    await assert.rejects(createChannel(world.client, 'archive-20'), { name: 'LimitExceededException' });
  });

  test('everything, on a server without deliveries', async () => {
    await using kinesis = await startKinesis();
    await createOnDemand(kinesis.client, 'orders');
    await assert.rejects(createChannel(kinesis.client), { name: argument });
  });
});
