import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  type DeliveryStreamDescription,
  DescribeDeliveryStreamCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { type FirehoseWorld, ROLE, s3Destination, startFirehose } from '../support.ts';

const parameter = (ParameterName: string, ParameterValue: string) => ({ ParameterName, ParameterValue });
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const lambda = { Type: 'Lambda', Parameters: [parameter('LambdaArn', functionArn)] };
const decompression = { Type: 'Decompression' };
const extraction = {
  Type: 'CloudWatchLogProcessing',
  Parameters: [parameter('DataMessageExtraction', 'True')],
};
const processing = (...Processors: object[]) => ({
  ProcessingConfiguration: { Enabled: true, Processors },
});

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was refused',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('processors are described as recorded on AWS', () => {
  let world: FirehoseWorld;

  before(async () => {
    world = await startFirehose();
  });

  after(async () => {
    await world[Symbol.asyncDispose]();
  });

  const create = (DeliveryStreamName: string, destination: object = {}) =>
    world.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: s3Destination('lake', {
          BufferingHints: { SizeInMBs: 128, IntervalInSeconds: 900 },
          ...destination,
        }),
      }),
    );

  async function describedProcessing(name: string) {
    const { Destinations, ...stream } = await describeStream(name);
    const { ProcessingConfiguration } = Destinations?.[0]?.ExtendedS3DestinationDescription ?? {};
    return { ...stream, ...ProcessingConfiguration };
  }

  async function describeStream(DeliveryStreamName: string): Promise<Partial<DeliveryStreamDescription>> {
    const { DeliveryStreamDescription } = await world.firehose.send(
      new DescribeDeliveryStreamCommand({ DeliveryStreamName }),
    );
    return DeliveryStreamDescription ?? {};
  }

  function update(DeliveryStreamName: string, version: number, ExtendedS3DestinationUpdate: object) {
    return world.firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: `${version}`,
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationUpdate,
      }),
    );
  }

  it('with their defaults, in its order, and without parameters that mean nothing', async () => {
    const delimiter = {
      Type: 'AppendDelimiterToRecord',
      Parameters: [parameter('Delimiter', String.raw`\n`)],
    };
    await create('canonical', processing(delimiter, extraction, decompression, lambda));
    const { Processors, Enabled } = await describedProcessing('canonical');
    assert.equal(Enabled, true);
    assert.deepEqual(Processors, [
      { Type: 'AppendDelimiterToRecord', Parameters: [] },
      { Type: 'CloudWatchLogProcessing', Parameters: [parameter('DataMessageExtraction', 'true')] },
      { Type: 'Decompression', Parameters: [parameter('CompressionFormat', 'GZIP')] },
      {
        Type: 'Lambda',
        Parameters: [
          parameter('LambdaArn', functionArn),
          parameter('NumberOfRetries', '3'),
          parameter('RoleArn', ROLE),
          parameter('BufferSizeInMBs', '1'),
          parameter('BufferIntervalInSeconds', '60'),
        ],
      },
    ]);
  });

  it('an update keeps whether they are enabled, and not the processors; one that changes nothing is none', async () => {
    await create('kept', processing(lambda));
    await update('kept', 1, {});
    await update('kept', 1, processing(lambda));
    const same = await describedProcessing('kept');
    assert.deepEqual([same.VersionId, same.LastUpdateTimestamp], ['1', undefined]);
    await update('kept', 1, { ProcessingConfiguration: { Enabled: false } });
    const { VersionId, Enabled, Processors } = await describedProcessing('kept');
    assert.deepEqual([VersionId, Enabled, Processors], ['2', false, []]);
  });

  it('decompression is enabled later only where a function is, and nothing is updated without a destination', async () => {
    await create('plain');
    const refused =
      'InvalidArgumentException: Enabling source decompression is not supported for existing stream with no Lambda function attached.';
    assert.equal(await refusal(update('plain', 1, processing(decompression))), refused);
    await update('plain', 1, processing(lambda));
    await update('plain', 2, processing(decompression, lambda));
    await update('plain', 3, processing(decompression));
    await update('plain', 4, { ProcessingConfiguration: { Enabled: false } });
    assert.equal(await refusal(update('plain', 5, processing(decompression))), refused);
    const nothing = {
      DeliveryStreamName: 'plain',
      CurrentDeliveryStreamVersionId: '5',
      DestinationId: 'destinationId-000000000001',
    };
    assert.equal(
      await refusal(world.firehose.send(new UpdateDestinationCommand(nothing))),
      'InvalidArgumentException: At least one destination or source configuration update must be provided',
    );
  });

  it('dynamic partitioning is neither enabled nor disabled later', async () => {
    const partitioned = {
      ...processing({
        Type: 'MetadataExtraction',
        Parameters: [
          parameter('JsonParsingEngine', 'JQ-1.6'),
          parameter('MetadataExtractionQuery', '{k: .k}'),
        ],
      }),
      Prefix: '!{partitionKeyFromQuery:k}/',
      ErrorOutputPrefix: 'errors/',
      DynamicPartitioningConfiguration: { Enabled: true },
    };
    await create('partitioned', partitioned);
    await create('unpartitioned');
    const never = /^InvalidArgumentException: Dynamic partitioning can only be enabled when/;
    const off = { DynamicPartitioningConfiguration: { Enabled: false } };
    assert.match(await refusal(update('partitioned', 1, off)), never);
    assert.match(await refusal(update('unpartitioned', 1, partitioned)), never);
    await update('partitioned', 1, {
      DynamicPartitioningConfiguration: { Enabled: true },
      CompressionFormat: 'GZIP',
    });
  });
});
