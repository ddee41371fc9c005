import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  PutRecordBatchCommand,
} from '@aws-sdk/client-firehose';
import { clientOptions } from '../../support/client.ts';
import { declared } from '../../support/declarations.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { s3Destination, startFirehose, type FirehoseWorld } from './support.ts';

const DeliveryStreamName = 'orders';

async function put(world: FirehoseWorld, ...texts: string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
  await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
}

async function create(world: FirehoseWorld, destination: object): Promise<void> {
  await world.createBucket('lake');
  await world.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      ExtendedS3DestinationConfiguration: s3Destination('lake', destination),
    }),
  );
}

describe('records that are processed before delivery to S3', () => {
  it('are transformed by a function, and refused ones are in the error output with the reason', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'transform.mjs'),
      `export const handler = async ({ records }) => ({
        records: records.map(({ recordId, data }) => {
          const text = Buffer.from(data, 'base64').toString();
          if (text === 'drop') return { recordId, result: 'Dropped' };
          if (text === 'fail') return { recordId, result: 'ProcessingFailed', data };
          return { recordId, result: 'Ok', data: Buffer.from(text.toUpperCase() + '\\n').toString('base64') };
        }),
      });`,
    );
    await using world = await startFirehose({
      baseDir: folder,
      declarations: declared({ functions: { transform: { path: 'transform.mjs', handler: 'handler' } } }),
    });
    await create(world, {
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: 'Lambda',
            Parameters: [
              {
                ParameterName: 'LambdaArn',
                ParameterValue: 'arn:aws:lambda:us-east-1:000000000000:function:transform',
              },
            ],
          },
        ],
      },
    });
    await put(world, 'a', 'drop', 'fail', 'b');
    await until(async () => (await world.objects('lake')).length === 2);
    const objects = await world.objects('lake');
    assert.ok(objects.some(({ text }) => text === 'A\nB\n'));
    const error = objects.find(({ key }) => key.startsWith('processing-failed/'));
    const { rawData, attemptsMade, errorCode, lambdaArn } = JSON.parse(error?.text ?? '') as Record<
      string,
      unknown
    >;
    assert.equal(Buffer.from(String(rawData), 'base64').toString(), 'fail');
    assert.equal(attemptsMade, 1);
    assert.match(String(errorCode), /^Lambda\./);
    assert.equal(lambdaArn, 'arn:aws:lambda:us-east-1:000000000000:function:transform');
  });

  it('do not delay the deletion of the delivery stream while a function is slow', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'slow.mjs'),
      `export const handler = () => { console.log('invoked'); return new Promise((end) => setTimeout(end, 120_000)); };`,
    );
    await using world = await startFirehose({
      baseDir: folder,
      declarations: declared({ functions: { slow: { path: 'slow.mjs', handler: 'handler', timeout: 120 } } }),
    });
    const LambdaArn = 'arn:aws:lambda:us-east-1:000000000000:function:slow';
    const Parameters = [{ ParameterName: 'LambdaArn', ParameterValue: LambdaArn }];
    await create(world, {
      ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'Lambda', Parameters }] },
    });
    await put(world, 'a');
    const logs = new CloudWatchLogsClient(clientOptions(world.server.endpoint));
    const output = new FilterLogEventsCommand({ logGroupName: '/aws/lambda/slow', filterPattern: 'invoked' });
    await until(async () => {
      const { events = [] } = await logs.send(output).catch(() => ({ events: [] }));
      return events.length > 0;
    });
    logs.destroy();
    const { firehose } = world;
    const quickly = { abortSignal: AbortSignal.timeout(30_000) };
    await firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }), quickly);
    const describe = new DescribeDeliveryStreamCommand({ DeliveryStreamName });
    const { DeliveryStreamDescription: described } = await firehose.send(describe);
    assert.equal(described?.DeliveryStreamStatus, 'DELETING');
    const force = new DeleteDeliveryStreamCommand({ DeliveryStreamName, AllowForceDelete: true });
    await firehose.send(force, quickly);
    await assert.rejects(firehose.send(describe), { name: 'ResourceNotFoundException' });
  });

  it('are divided by jq into partitions with an object each', async () => {
    await using world = await startFirehose();
    await create(world, {
      BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 },
      Prefix: 'customer=!{partitionKeyFromQuery:customer}/',
      ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
      DynamicPartitioningConfiguration: { Enabled: true },
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: 'MetadataExtraction',
            Parameters: [
              { ParameterName: 'MetadataExtractionQuery', ParameterValue: '{customer: .customer}' },
              { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
            ],
          },
          { Type: 'AppendDelimiterToRecord' },
        ],
      },
    });
    await put(world, '{"customer":"x","n":1}', '{"customer":"y","n":2}', '{"customer":"x","n":3}', 'no JSON');
    await until(async () => (await world.objects('lake')).length === 3);
    const objects = await world.objects('lake');
    const textBelow = (prefix: string) => objects.find(({ key }) => key.startsWith(prefix))?.text;
    assert.equal(textBelow('customer=x/'), '{"customer":"x","n":1}\n{"customer":"x","n":3}\n');
    assert.equal(textBelow('customer=y/'), '{"customer":"y","n":2}\n');
    const { rawData } = JSON.parse(textBelow('errors/') ?? '') as { rawData: string };
    assert.equal(Buffer.from(rawData, 'base64').toString(), 'no JSON');
  });
});
