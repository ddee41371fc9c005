/** What AWS has answered, as the snapshots of LocalStack's suites recorded it (tests/aws/services/lambda_, logs). */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateAliasRequest,
  type CreateEventSourceMappingRequest,
  type CreateFunctionRequest,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';
import { role, zip } from './lambda-server.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const weights = (AdditionalVersionWeights: Record<string, number>) => ({
  RoutingConfig: { AdditionalVersionWeights },
});
const invalid = 'InvalidParameterValueException';
const ofValues =
  'Map value must satisfy constraint: [Member must have value less than or equal to 1.0, ' +
  'Member must have value greater than or equal to 0.0, Member must not be null]';
const ofKeys =
  'Map keys must satisfy constraint: [Member must have length less than or equal to 1024, ' +
  'Member must have length greater than or equal to 1, ' +
  'Member must satisfy regular expression pattern: [0-9]+, Member must not be null]';
const ofWeights = (value: string) =>
  `1 validation error detected: Value '{${value}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: `;

describe('errors are in the words that were recorded on AWS:', () => {
  let server: TestServer;
  let lambda: LambdaClient;
  let logs: CloudWatchLogsClient;
  const clients: { destroy(): void }[] = [];

  before(async () => {
    server = await startTestServer();
    const options = { ...clientOptions(server.endpoint), maxAttempts: 1 };
    lambda = new LambdaClient(options);
    logs = new CloudWatchLogsClient(options);
    const [kinesis, sqs] = [new KinesisClient(options), new SQSClient(options)];
    clients.push(lambda, logs, kinesis, sqs);
    await create({});
    await lambda.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Description: 'second' }));
    await lambda.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await alias({ Name: 'taken' });
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'g' }));
    await logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 's' }));
  });

  after(async () => {
    for (const client of clients) client.destroy();
    await server.close();
  });

  const create = (more: Partial<CreateFunctionRequest>) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'f',
        Role: role,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: zip({ 'index.mjs': 'export const handler = 1' }) },
        ...more,
      }),
    );
  const alias = (more: Partial<CreateAliasRequest>) =>
    lambda.send(new CreateAliasCommand({ FunctionName: 'f', Name: 'a', FunctionVersion: '1', ...more }));
  const mapping = (source: string, more: Partial<CreateEventSourceMappingRequest>) =>
    lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'f',
        EventSourceArn: `arn:aws:${source.replace(':', ':us-east-1:000000000000:')}`,
        ...more,
      }),
    );
  const put = (timestamps: readonly number[], logStreamName = 's') =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName: 'g',
        logStreamName,
        logEvents: timestamps.map((timestamp) => ({ timestamp, message: 'm' })),
      }),
    );
  const events = (more: object) =>
    logs.send(new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's', ...more }));

  const recorded: Readonly<
    Record<string, readonly [request: () => Promise<unknown>, status: number, code: string, message: string]>
  > = {
    'an alias with two more versions': [
      () => alias(weights({ 1: 0.8, 2: 0.5 })),
      400,
      invalid,
      'Number of items in AdditionalVersionWeights cannot be greater than 1',
    ],
    'an alias with too much weight': [
      () => alias(weights({ 2: 2 })),
      400,
      'ValidationException',
      ofWeights('2=2.0') + ofValues,
    ],
    'an alias with a negative weight': [
      () => alias(weights({ 2: -1 })),
      400,
      'ValidationException',
      ofWeights('2=-1.0') + ofValues,
    ],
    'an alias with a weight of $LATEST': [
      () => alias(weights({ $LATEST: 0.5 })),
      400,
      'ValidationException',
      ofWeights('$LATEST=0.5') + ofKeys,
    ],
    'an alias with a version twice': [
      () => alias(weights({ 1: 0.5 })),
      400,
      invalid,
      'Invalid function version 1. Function version 1 is already included in routing configuration.',
    ],
    'an alias of $LATEST and a version': [
      () => alias({ FunctionVersion: '$LATEST', ...weights({ 1: 0.5 }) }),
      400,
      invalid,
      '$LATEST is not supported for an alias pointing to more than 1 version',
    ],
    'an alias of an unknown version': [
      () => alias({ FunctionVersion: '10' }),
      404,
      'ResourceNotFoundException',
      `Function not found: ${arn}:10`,
    ],
    'an alias of an unknown function': [
      () => alias({ FunctionName: 'f-unknown' }),
      404,
      'ResourceNotFoundException',
      `Function not found: ${arn}-unknown:1`,
    ],
    'an alias that exists': [
      () => alias({ Name: 'taken' }),
      409,
      'ResourceConflictException',
      `Alias already exists: ${arn}:taken`,
    ],
    'an unknown alias': [
      () => lambda.send(new GetAliasCommand({ FunctionName: 'f', Name: 'none' })),
      404,
      'ResourceNotFoundException',
      `Cannot find alias arn: ${arn}:none`,
    ],
    'tags of an unknown function': [
      () => lambda.send(new TagResourceCommand({ Resource: `${arn}-unknown`, Tags: { a: 'b' } })),
      404,
      'ResourceNotFoundException',
      `Function not found: ${arn}-unknown`,
    ],
    'tags of a version': [
      () => lambda.send(new TagResourceCommand({ Resource: `${arn}:1`, Tags: { a: 'b' } })),
      400,
      invalid,
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    ],
    'six layers': [
      () =>
        create({
          FunctionName: 'l',
          Layers: [1, 2, 3, 4, 5, 6].map((n) => `${arn.replace('function:f', 'layer:l')}:${n}`),
        }),
      400,
      invalid,
      'Cannot reference more than 5 layers.',
    ],
    'a long name': [
      () => create({ FunctionName: 'a'.repeat(65) }),
      400,
      invalid,
      `1 validation error detected: Value '${'a'.repeat(65)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    'a function of another region': [
      () => lambda.send(new GetFunctionCommand({ FunctionName: arn.replace('us-east-1', 'ap-southeast-1') })),
      404,
      'ResourceNotFoundException',
      "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')",
    ],
    'a large zip': [
      () => create({ FunctionName: 'z', Code: { ZipFile: Buffer.alloc(52_428_801) } }),
      413,
      'RequestEntityTooLargeException',
      'Zipped size must be smaller than 52428800 bytes',
    ],
    'an image for a zip': [
      () => lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ImageUri: 'x' })),
      400,
      invalid,
      "Please don't provide ImageUri when updating a function with packageType Zip.",
    ],
    'another revision': [
      () => lambda.send(new PublishVersionCommand({ FunctionName: 'f', RevisionId: 'x' })),
      412,
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    ],
    'a version without settings of asynchronous invocation': [
      () => lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'f', Qualifier: '1' })),
      404,
      'ResourceNotFoundException',
      `The function ${arn}:1 doesn't have an EventInvokeConfig`,
    ],
    'a timestamp besides LATEST': [
      () =>
        mapping('kinesis:stream/s', {
          StartingPosition: 'LATEST',
          StartingPositionTimestamp: new Date(1),
        }),
      400,
      invalid,
      'Timestamp only valid with StartingPosition AT_TIMESTAMP',
    ],
    'a negative timestamp': [
      () =>
        mapping('kinesis:stream/s', {
          StartingPosition: 'AT_TIMESTAMP',
          StartingPositionTimestamp: new Date(-1000),
        }),
      400,
      invalid,
      'Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp',
    ],
    'a position in a queue': [
      () => mapping('sqs:q', { StartingPosition: 'LATEST' }),
      400,
      invalid,
      'StartingPosition is not valid for SQS event sources.',
    ],
    'a log group that exists': [
      () => logs.send(new CreateLogGroupCommand({ logGroupName: 'g' })),
      400,
      'ResourceAlreadyExistsException',
      'The specified log group already exists',
    ],
    'a log stream that exists': [
      () => logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 's' })),
      400,
      'ResourceAlreadyExistsException',
      'The specified log stream already exists',
    ],
    'a log group by name and by ARN': [
      () => logs.send(new DescribeLogStreamsCommand({ logGroupName: 'g', logGroupIdentifier: 'g' })),
      400,
      'ValidationException',
      'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    ],
    'events of an unknown stream': [
      () => put([Date.now()], 'none'),
      400,
      'ResourceNotFoundException',
      'The specified log stream does not exist.',
    ],
    'events in the wrong order': [
      () => put([Date.now(), Date.now() - 1000]),
      400,
      'InvalidParameterException',
      'Log events in a single PutLogEvents request must be in chronological order.',
    ],
    'an unknown token': [
      () => events({ nextToken: 'invalid' }),
      400,
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    ],
    'too many events': [
      () => events({ limit: 10_001 }),
      400,
      'InvalidParameterException',
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
    'events of an unknown group': [
      () => events({ logGroupName: 'none' }),
      400,
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    ],
  };

  for (const [name, [request, status, code, message]] of Object.entries(recorded)) {
    test(name, async () => {
      await assert.rejects(request, (error: unknown) => {
        const {
          name: given,
          message: said,
          $metadata,
        } = error as Error & {
          readonly $metadata: { readonly httpStatusCode: number };
        };
        assert.deepEqual([$metadata.httpStatusCode, given, said], [status, code, message]);
        return true;
      });
    });
  }

  test('lists of versions do not tell their state', async () => {
    const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'f' }));
    assert.deepEqual(
      Versions.map(({ Version, State, LastUpdateStatus }) => [Version, State, LastUpdateStatus]),
      [
        ['$LATEST', undefined, undefined],
        ['1', undefined, undefined],
        ['2', undefined, undefined],
      ],
    );
  });
});
