import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { CreateStreamCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { clientOptions } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { ROLE, s3Destination, startFirehose } from './support.ts';

const DeliveryStreamName = 'orders';

describe('direct puts', () => {
  it("become an object below the default prefix, with Firehose's name", async () => {
    await using world = await startFirehose();
    await world.createBucket('lake');
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: s3Destination('lake'),
      }),
    );
    const Records = ['a\n', 'b\n', 'c\n'].map((text) => ({ Data: Buffer.from(text) }));
    const put = await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
    assert.equal(put.FailedPutCount, 0);
    assert.equal(new Set(put.RequestResponses?.map(({ RecordId }) => RecordId)).size, 3);
    await until(async () => (await world.objects('lake')).length === 1);
    const [object] = await world.objects('lake');
    assert.equal(object?.text, 'a\nb\nc\n');
    assert.match(
      object?.key ?? '',
      /^\d{4}\/\d\d\/\d\d\/\d\d\/orders-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f-]{36}$/,
    );
  });

  it('wait on disk, even across a restart, until their bucket exists', async () => {
    await using world = await startFirehose();
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: s3Destination('later', { CompressionFormat: 'GZIP' }),
      }),
    );
    await world.firehose.send(
      new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('x') } }),
    );
    await world.server.restart();
    await world.createBucket('later');
    await until(async () => (await world.objects('later')).length === 1);
    const [object] = await world.objects('later');
    assert.equal(object?.text, 'x');
    assert.ok(object?.key.endsWith('.gz'));
  });

  it('are delivered before a delivery stream is deleted, without waiting for the buffer', async () => {
    await using world = await startFirehose();
    await world.createBucket('lake');
    const BufferingHints = { SizeInMBs: 128, IntervalInSeconds: 900 };
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: s3Destination('lake', { BufferingHints }),
      }),
    );
    await world.firehose.send(
      new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('x') } }),
    );
    await world.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }));
    const describe = new DescribeDeliveryStreamCommand({ DeliveryStreamName });
    await until(() =>
      world.firehose.send(describe).then(
        () => false,
        (error: Error) => error.name === 'ResourceNotFoundException',
      ),
    );
    assert.deepEqual(
      (await world.objects('lake')).map(({ text }) => text),
      ['x'],
    );
  });

  it('go to the new destination after an update, except ranges in progress', async () => {
    await using world = await startFirehose();
    await world.createBucket('one');
    await world.createBucket('two');
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: s3Destination('one'),
      }),
    );
    const put = (text: string) =>
      world.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from(text) } }));
    await put('first');
    await until(async () => (await world.objects('one')).length === 1);
    await world.firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: '1',
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationUpdate: { BucketARN: 'arn:aws:s3:::two', Prefix: 'new/' },
      }),
    );
    await put('second');
    await until(async () => (await world.objects('two')).length === 1);
    const [object] = await world.objects('two');
    assert.equal(object?.text, 'second');
    assert.match(object?.key ?? '', /^new\/\d{4}\/.*\/orders-2-/);
    assert.equal((await world.objects('one')).length, 1);
    const described = await world.firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
    const { VersionId, Destinations } = described.DeliveryStreamDescription ?? {};
    assert.equal(VersionId, '2');
    assert.deepEqual(Destinations?.[0]?.ExtendedS3DestinationDescription?.BufferingHints, {
      SizeInMBs: 1,
      IntervalInSeconds: 0,
    });
  });
});

describe('records of a Kinesis stream', () => {
  it('are delivered from the creation on, with a backup of the source records', async () => {
    await using world = await startFirehose();
    await world.createBucket('lake');
    await world.createBucket('backup');
    await world.kinesis.send(new CreateStreamCommand({ StreamName: 'source', ShardCount: 2 }));
    const put = (text: string) =>
      world.kinesis.send(
        new PutRecordsCommand({
          StreamName: 'source',
          Records: [0, 1, 2, 3].map((key) => ({
            PartitionKey: String(key),
            Data: Buffer.from(`${text}${key}\n`),
          })),
        }),
      );
    await put('before');
    await world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        DeliveryStreamType: 'KinesisStreamAsSource',
        KinesisStreamSourceConfiguration: {
          KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/source',
          RoleARN: ROLE,
        },
        ExtendedS3DestinationConfiguration: s3Destination('lake', {
          S3BackupMode: 'Enabled',
          S3BackupConfiguration: s3Destination('backup'),
        }),
      }),
    );
    await put('after');
    const lines = async (bucket: string) =>
      (await world.objects(bucket)).flatMap(({ text }) => text.split('\n').slice(0, -1)).sort();
    const expected = ['after0', 'after1', 'after2', 'after3'];
    await until(async () => (await lines('lake')).length === 4 && (await lines('backup')).length === 4);
    assert.deepEqual(await lines('lake'), expected);
    assert.deepEqual(await lines('backup'), expected);
    await assert.rejects(
      world.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('x') } })),
      { name: 'InvalidArgumentException', message: /not permitted on KinesisStreamAsSource/ },
    );
  });
});

test('a failure is logged once to the log stream of CloudWatchLoggingOptions', async () => {
  await using world = await startFirehose();
  const logs = new CloudWatchLogsClient(clientOptions(world.server.endpoint));
  const group = '/aws/kinesisfirehose/orders';
  await world.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      ExtendedS3DestinationConfiguration: s3Destination('nowhere', {
        CloudWatchLoggingOptions: {
          Enabled: true,
          LogGroupName: group,
          LogStreamName: 'DestinationDelivery',
        },
      }),
    }),
  );
  await world.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('x') } }));
  const read = () =>
    logs
      .send(new FilterLogEventsCommand({ logGroupName: group, logStreamNames: ['DestinationDelivery'] }))
      .then(({ events = [] }) => events.map(({ message = '' }) => message))
      .catch(() => []);
  await until(async () => (await read()).length > 0);
  await world.createBucket('nowhere');
  await until(async () => (await world.objects('nowhere')).length === 1);
  const lines = await read();
  assert.equal(lines.length, 1);
  const { deliveryStreamARN, destination, errorCode } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.equal(deliveryStreamARN, 'arn:aws:firehose:us-east-1:000000000000:deliverystream/orders');
  assert.equal(destination, 'arn:aws:s3:::nowhere');
  assert.equal(errorCode, 'S3.NoSuchBucket');
  logs.destroy();
});
