import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  PutRecordBatchCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { CreateStreamCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { clientOptions } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { type FirehoseWorld, ROLE, s3Destination, startFirehose } from './support.ts';

const DeliveryStreamName = 'orders';

type Destination = Partial<ExtendedS3DestinationConfiguration>;
type Processors = NonNullable<ExtendedS3DestinationConfiguration['ProcessingConfiguration']>['Processors'];

const parameters = (given: Readonly<Record<string, string>>) =>
  Object.entries(given).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  })) as never;

const query = (text: string) => ({
  Type: 'MetadataExtraction' as const,
  Parameters: parameters({ JsonParsingEngine: 'JQ-1.6', MetadataExtractionQuery: text }),
});

const partitioned = (Processors: Processors, more: Destination = {}): Destination => ({
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 1 },
  Prefix: 'customer=!{partitionKeyFromQuery:customer}/',
  ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
  DynamicPartitioningConfiguration: { Enabled: true },
  ProcessingConfiguration: { Enabled: true, Processors },
  ...more,
});

async function create(world: FirehoseWorld, destination: Destination, source: object = {}): Promise<void> {
  await world.createBucket('lake');
  await world.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      ExtendedS3DestinationConfiguration: s3Destination('lake', destination),
      ...source,
    }),
  );
}

async function put(world: FirehoseWorld, texts: readonly string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
  await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
}

/** The texts of objects by the folder that they are in. */
async function folders(world: FirehoseWorld): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { key, text } of await world.objects('lake')) {
    (found[key.slice(0, key.indexOf('orders-'))] ??= []).push(text);
  }
  return found;
}

async function createFunction(world: FirehoseWorld, body: string): Promise<string> {
  const lambda = new LambdaClient(clientOptions(world.server.endpoint));
  try {
    const { FunctionArn = '' } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'transform',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: ROLE,
        Timeout: 30,
        Code: {
          ZipFile: zipSync({ 'index.mjs': strToU8(`export const handler = async (event) => {${body}};`) }),
        },
      }),
    );
    return FunctionArn;
  } finally {
    lambda.destroy();
  }
}

describe('dynamic partitioning by jq', () => {
  it('writes an object for each partition, in order, and separate error objects', async () => {
    await using world = await startFirehose();
    await create(
      world,
      partitioned(
        [
          { Type: 'RecordDeAggregation', Parameters: parameters({ SubRecordType: 'JSON' }) },
          query('{customer: .customer, year: (.at | strftime("%Y"))}'),
          { Type: 'AppendDelimiterToRecord' },
        ],
        {
          Prefix:
            'customer=!{partitionKeyFromQuery:customer}/!{partitionKeyFromQuery:year}/!{timestamp:yyyy}/',
        },
      ),
    );
    await put(world, [
      '{"customer":"a","at":0,"n":1}{"customer":"b","at":0,"n":2}',
      '{"customer":"a","at":0,"n":3}',
      '{"customer":"a","at":1565382027,"n":4}',
      'not json',
      '{"at":0}',
    ]);
    await until(async () => (await world.objects('lake')).length === 4);
    const year = new Date().getUTCFullYear();
    const { 'errors/processing-failed/': errors = [], ...good } = await folders(world);
    assert.deepEqual(good, {
      [`customer=a/1970/${year}/`]: ['{"customer":"a","at":0,"n":1}\n{"customer":"a","at":0,"n":3}\n'],
      [`customer=b/1970/${year}/`]: ['{"customer":"b","at":0,"n":2}\n'],
      [`customer=a/2019/${year}/`]: ['{"customer":"a","at":1565382027,"n":4}\n'],
    });
    const entries = errors
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map(({ rawData, errorCode, attemptsMade }) => [
        Buffer.from(rawData, 'base64').toString(),
        errorCode,
        attemptsMade,
      ]),
      [
        ['not json', 'DynamicPartitioning.RecordDeAggregationFailed', 1],
        ['{"at":0}', 'DynamicPartitioning.MetadataExtractionFailed', 1],
      ],
    );
    assert.equal('lambdaArn' in entries[0], false);
  });
});

describe('a transforming function', () => {
  it('transforms, drops and refuses records of a stream, and returns partition keys', async () => {
    await using world = await startFirehose();
    const LambdaArn = await createFunction(
      world,
      `return { records: event.records.map(({ recordId, data, kinesisRecordMetadata }) => {
        const text = Buffer.from(data, 'base64').toString();
        const result = text === 'drop' ? 'Dropped' : text === 'fail' ? 'ProcessingFailed' : 'Ok';
        const made = Buffer.from(text.toUpperCase() + ' ' + kinesisRecordMetadata.partitionKey + '\\n');
        return { recordId, result, data: made.toString('base64'), metadata: { partitionKeys: { first: text[0] } } };
      }) };`,
    );
    await world.kinesis.send(new CreateStreamCommand({ StreamName: 'source', ShardCount: 1 }));
    await create(
      world,
      partitioned([{ Type: 'Lambda', Parameters: parameters({ LambdaArn }) }], {
        Prefix: '!{partitionKeyFromLambda:first}/!{timestamp:yyyy}/',
      }),
      {
        DeliveryStreamType: 'KinesisStreamAsSource',
        KinesisStreamSourceConfiguration: {
          KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/source',
          RoleARN: ROLE,
        },
      },
    );
    const Records = ['one', 'drop', 'two', 'fail', 'other'].map((text) => ({
      Data: Buffer.from(text),
      PartitionKey: 'k',
    }));
    await world.kinesis.send(new PutRecordsCommand({ StreamName: 'source', Records }));
    await until(async () => (await world.objects('lake')).length === 3);
    const year = new Date().getUTCFullYear();
    const { 'errors/processing-failed/': errors = [], ...good } = await folders(world);
    assert.deepEqual(good, { [`o/${year}/`]: ['ONE k\nOTHER k\n'], [`t/${year}/`]: ['TWO k\n'] });
    const { rawData, errorCode, lambdaArn } = JSON.parse(errors[0] ?? '');
    assert.deepEqual(
      [Buffer.from(rawData, 'base64').toString(), errorCode, lambdaArn],
      ['fail', 'Lambda.ProcessingFailedStatus', LambdaArn],
    );
  });

  it('that fails leaves the records in the error output, with the number of attempts', async () => {
    await using world = await startFirehose();
    const LambdaArn = await createFunction(world, `throw new Error('no');`);
    await create(world, {
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [{ Type: 'Lambda', Parameters: parameters({ LambdaArn, NumberOfRetries: '1' }) }],
      },
    });
    await put(world, ['a', 'b']);
    await until(async () => (await world.objects('lake')).length === 1);
    const [object] = await world.objects('lake');
    assert.match(object?.key ?? '', /^processing-failed\/\d{4}\/\d\d\/\d\d\/\d\d\/orders-1-/);
    const entries = (object?.text ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map(({ errorCode, attemptsMade }) => [errorCode, attemptsMade]),
      [
        ['Lambda.FunctionError', 2],
        ['Lambda.FunctionError', 2],
      ],
    );
  });
});

describe('invalid processing', () => {
  it("is refused on creation and update, with AWS's messages", async () => {
    await using world = await startFirehose();
    const refused = (destination: Destination, message: RegExp) =>
      assert.rejects(create(world, destination), { name: 'InvalidArgumentException', message });
    await refused(partitioned([query('{customer: .c')]), /MetadataExtractionQuery is invalid: syntax error/);
    await refused(
      partitioned([query('{customer: .c, other: .x}')]),
      /can't contain keys that are not present in the S3 Prefix expression/,
    );
    await refused(
      { ProcessingConfiguration: { Enabled: true, Processors: [query('{a: .b}')] } },
      /MetadataExtractionProcessor can only be present when Dynamic Partitioning is enabled/,
    );
    await refused(
      partitioned([query('{customer: .c}')], { BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 60 } }),
      /BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled/,
    );
    await create(world, {});
    await assert.rejects(
      world.firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName,
          CurrentDeliveryStreamVersionId: '1',
          DestinationId: 'destinationId-000000000001',
          ExtendedS3DestinationUpdate: { Prefix: '!{nothing:x}/' },
        }),
      ),
      {
        name: 'InvalidArgumentException',
        message: /Namespace to the left of colon \(nothing\) is an invalid keyword!/,
      },
    );
  });
});
