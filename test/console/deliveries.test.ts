import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import {
  CreateChannelCommand,
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand as PutToStreamCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { DeliveryRow } from '../../src/console/delivery-row.ts';
import type { ListLogCheckView } from '../../src/console/list-log-check.ts';
import type { NamedReader } from '../../src/console/named-readers.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { ConsoleClient, type EventClient } from './client.ts';

const RoleARN = 'arn:aws:iam::000000000000:role/any';
const account = '000000000000';

describe('the deliveries in the console', () => {
  let server: TestServer;
  let firehose: FirehoseClient;
  let kinesis: KinesisClient;
  let s3: S3Client;
  let console: ConsoleClient;
  let events: EventClient;

  before(async () => {
    server = await startTestServer();
    const options = clientOptions(server.endpoint);
    firehose = new FirehoseClient(options);
    kinesis = new KinesisClient(options);
    s3 = new S3Client({ ...options, forcePathStyle: true });
    console = new ConsoleClient(server.endpoint);
    events = await console.events();
    await events.subscribe('deliveries', { topic: 'deliveries' });
    await events.subscribe('overview', { topic: 'overview' });
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  });
  after(async () => {
    await events[Symbol.asyncDispose]();
    firehose.destroy();
    kinesis.destroy();
    s3.destroy();
    await server.close();
  });

  async function create(DeliveryStreamName: string, bucket: string, more: object = {}): Promise<void> {
    const ExtendedS3DestinationConfiguration = {
      RoleARN,
      BucketARN: `arn:aws:s3:::${bucket}`,
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
      ...more,
    };
    await firehose.send(
      new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }),
    );
  }

  async function put(DeliveryStreamName: string, data: string): Promise<void> {
    const Record = { Data: Buffer.from(data) };
    await firehose.send(new PutRecordCommand({ DeliveryStreamName, Record }));
  }

  /** The row of a delivery, as soon as it is as wanted. */
  function row(name: string, isWanted: (row: DeliveryRow) => boolean): Promise<DeliveryRow> {
    return events.first('deliveries', ({ rows }) =>
      (rows as DeliveryRow[] | undefined)?.find((one) => one.name === name && isWanted(one)),
    );
  }

  async function put2(StreamName: string, data: string): Promise<void> {
    const Data = Buffer.from(data);
    await kinesis.send(new PutToStreamCommand({ StreamName, PartitionKey: 'k', Data }));
  }

  /** The reader of a stream with this name, as its page shows it. */
  async function reader(stream: string, name: string): Promise<NamedReader> {
    await events.subscribe(`readers of ${stream}`, { topic: 'readers', stream });
    return await events.first(`readers of ${stream}`, ({ readers }) =>
      (readers as NamedReader[] | undefined)?.find((one) => one.name === name),
    );
  }

  test('one that fails says why, and what waits in it for how long; the overview names it', async () => {
    await create('lost', 'nowhere');
    await put('lost', 'a');
    await put('lost', 'b');
    const {
      target,
      waiting,
      behindMs = 0,
      stream,
    } = await row(
      'lost',
      ({ failure, waiting }) => waiting === 2 && failure?.reason === 'The specified bucket does not exist',
    );
    assert.deepEqual({ target, waiting, stream }, { target: 's3://nowhere/', waiting: 2, stream: undefined });
    assert.ok(behindMs > 0 && behindMs < 60_000, String(behindMs));
    const link = await events.first('overview', ({ problems }) =>
      (problems as { title: string; link: string }[] | undefined)?.find(({ title }) =>
        title.startsWith('The delivery stream lost'),
      ),
    );
    assert.equal(link.link, '#/deliveries?kind=delivery+stream&name=lost');
  });

  test('one that refuses records says how many, why, and where they are', async () => {
    await create('picky', 'lake', {
      Prefix: 'clicks/!{partitionKeyFromQuery:user}/',
      ErrorOutputPrefix: 'errors/',
      BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 },
      DynamicPartitioningConfiguration: { Enabled: true },
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: 'MetadataExtraction',
            Parameters: [
              { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
              { ParameterName: 'MetadataExtractionQuery', ParameterValue: '{user: .user}' },
            ],
          },
        ],
      },
    });
    await put('picky', '{"user":"ada"}');
    await put('picky', 'no JSON');
    const { refused, place } = await row('picky', ({ refused }) => refused !== undefined);
    assert.equal(refused?.records, 1);
    assert.match(refused?.last ?? '', /DynamicPartitioning\.\w+: ./);
    assert.deepEqual(refused?.place, { bucket: 'lake', prefix: 'errors/' });
    assert.deepEqual(place, { bucket: 'lake', prefix: 'clicks/' });
  });

  test('a list log is shown with its lines, those without its format, and its place', async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: 'spoken', ShardCount: 1 }));
    const flags = [
      '--stream',
      'spoken',
      '--bucket',
      'logs',
      '--key',
      'a/log.txt',
      '--endpoint',
      server.endpoint,
    ];
    await runCommand(['list-log', 'create', 'spoken-log', ...flags]);
    await put2('spoken', '{"message":"hello"}');
    await put2('spoken', 'not JSON');
    const found = await row('spoken-log', ({ lines }) => lines === 2);
    const { kind, waiting, behindMs, refused, place, state } = found;
    assert.deepEqual(
      { kind, waiting, behindMs, refused: refused?.records, place, state },
      {
        kind: 'list log',
        waiting: 0,
        behindMs: 0,
        refused: 1,
        place: { bucket: 'logs', prefix: 'a/log.txt' },
        state: 'ACTIVE',
      },
    );
    await events.subscribe('check', { topic: 'list-log-check', listLog: 'spoken-log' });
    const { report, totalBytes } = await events.first(
      'check',
      (message) => message['report'] !== undefined && (message as unknown as ListLogCheckView),
    );
    assert.deepEqual(report, { bytes: totalBytes, lines: 2, written: 2, problems: [] });
    const verify = ['list-log', 'verify', 'spoken-log', '--endpoint', server.endpoint];
    assert.deepEqual((await runCommand(verify)).output, 'spoken-log: 2 lines\n');
    const inLogs = { Bucket: 'logs', Key: 'a/log.txt' };
    const { Metadata = {} } = await s3.send(new GetObjectCommand(inLogs));
    await s3.send(new PutObjectCommand({ ...inLogs, Body: 'one line\n', Metadata }));
    const differs = await runCommand(verify);
    assert.equal(differs.code, 3);
    assert.match(differs.output, /^2 lines were written, and 1 are there$/m);
    const { kind: kindOfReader, behindRecords, shards } = await reader('spoken', 'spoken-log');
    assert.deepEqual([kindOfReader, behindRecords, shards.length], ['list log', 0, 1]);
  });

  test('a channel whose bucket is gone says so, and how far it is behind', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'archive' }));
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
    await kinesis.send(new CreateStreamCommand({ StreamName: 'wide', StreamModeDetails }));
    await kinesis.send(
      new CreateChannelCommand({
        ChannelName: 'wide-archive',
        ServiceExecutionRoleARN: RoleARN,
        StreamConfigurationList: [
          {
            StreamARN: `arn:aws:kinesis:us-east-1:${account}:stream/wide`,
            RecordConfiguration: { RecordFormatType: 'JSON' },
          },
        ],
        S3DestinationConfiguration: {
          DataFreshnessInSeconds: 1,
          StorageConfiguration: {
            BucketARN: 'arn:aws:s3:::archive',
            ExpectedBucketOwner: account,
            CompressionType: 'NONE',
          },
        },
      }),
    );
    await s3.send(new DeleteBucketCommand({ Bucket: 'archive' }));
    await put2('wide', '{}');
    const { failure, waiting, bufferMs, stream } = await row(
      'wide-archive',
      ({ failure }) => failure !== undefined,
    );
    assert.equal(failure?.reason, 'The specified bucket does not exist');
    assert.deepEqual({ waiting, bufferMs, stream }, { waiting: 1, bufferMs: 1000, stream: 'wide' });
    const { kind, behindRecords } = await reader('wide', 'wide-archive');
    assert.deepEqual([kind, behindRecords], ['delivery', 1]);
  });
});
