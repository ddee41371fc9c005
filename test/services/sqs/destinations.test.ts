import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, startTestServer } from '../../support/server.ts';
import { role, zip } from '../lambda/lambda-server.ts';
import { TestQueue } from './queue.ts';

const source = `export const handler = async ({ fails, Records }) => {
  if (fails || Records) throw new Error('no');
  return { done: true };
};`;

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function setup(t: TestContext) {
  const server = await startTestServer({ functionIsolation: 'off' });
  const options = clientOptions(server.endpoint);
  const [lambda, sqs, kinesis] = [
    new LambdaClient(options),
    new SQSClient(options),
    new KinesisClient(options),
  ];
  t.after(() => server.close());
  for (const client of [lambda, sqs, kinesis]) t.after(() => client.destroy());
  const createFunction = (deadLetters?: string) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'f',
        Runtime: 'nodejs24.x',
        Role: role,
        Handler: 'index.handler',
        Code: { ZipFile: zip({ 'index.mjs': source }) },
        ...(deadLetters !== undefined && { DeadLetterConfig: { TargetArn: deadLetters } }),
      }),
    );
  const invoke = (event: object) =>
    lambda.send(
      new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: JSON.stringify(event) }),
    );
  return { lambda, sqs, kinesis, createFunction, invoke };
}

async function next(queue: TestQueue): Promise<Message> {
  const [message] = await queue.receive({ WaitTimeSeconds: 20, MessageAttributeNames: ['All'] });
  assert(message !== undefined);
  return message;
}

/** The parts of a record that do not differ between runs. */
function recordIn({ Body = '' }: Message) {
  const { version, requestContext, requestPayload, responseContext, responsePayload } = JSON.parse(Body) as {
    version: string;
    requestContext: { condition: string; approximateInvokeCount: number };
    requestPayload: unknown;
    responseContext: { functionError?: string };
    responsePayload: { errorMessage?: string; done?: boolean };
  };
  const { condition, approximateInvokeCount } = requestContext;
  const { functionError } = responseContext;
  const { errorMessage, done } = responsePayload;
  return { version, condition, approximateInvokeCount, requestPayload, functionError, errorMessage, done };
}

describe('queues as destinations', () => {
  it('get the records of asynchronous invocations, and dead letters with attributes', async (t) => {
    const { lambda, sqs, createFunction, invoke } = await setup(t);
    const [succeeded, failed, dead] = await Promise.all(
      ['succeeded', 'failed', 'dead'].map((name) => TestQueue.create(sqs, name)),
    );
    assert(succeeded !== undefined && failed !== undefined && dead !== undefined);
    await assert.rejects(createFunction(arnOf('dead.fifo')), { name: 'InvalidParameterValueException' });
    await createFunction(arnOf('dead'));
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'f',
        MaximumRetryAttempts: 0,
        DestinationConfig: {
          OnSuccess: { Destination: arnOf('succeeded') },
          OnFailure: { Destination: arnOf('failed') },
        },
      }),
    );
    await invoke({ n: 1 });
    await invoke({ fails: true });
    const common = { version: '1.0', approximateInvokeCount: 1 };
    assert.deepEqual(recordIn(await next(succeeded)), {
      ...common,
      condition: 'Success',
      requestPayload: { n: 1 },
      functionError: undefined,
      errorMessage: undefined,
      done: true,
    });
    assert.deepEqual(recordIn(await next(failed)), {
      ...common,
      condition: 'RetriesExhausted',
      requestPayload: { fails: true },
      functionError: 'Unhandled',
      errorMessage: 'no',
      done: undefined,
    });
    const { Body, MessageAttributes: attributes = {} } = await next(dead);
    assert.equal(Body, '{"fails":true}');
    assert.deepEqual(Object.keys(attributes).sort(), ['ErrorCode', 'ErrorMessage', 'RequestID']);
    assert.deepEqual(attributes['ErrorCode'], { DataType: 'Number', StringValue: '200' });
    assert.deepEqual(attributes['ErrorMessage'], { DataType: 'String', StringValue: 'no' });
    assert.match(attributes['RequestID']?.StringValue ?? '', /^[0-9a-f-]{36}$/);
  });

  it('get the reports on batches that mappings discard', async (t) => {
    const { lambda, sqs, kinesis, createFunction } = await setup(t);
    const failed = await TestQueue.create(sqs, 'failed');
    await createFunction();
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    const to = (arn: string) =>
      lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'f',
          EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
          StartingPosition: 'TRIM_HORIZON',
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnFailure: { Destination: arn } },
        }),
      );
    await assert.rejects(to(arnOf('failed.fifo')), { name: 'InvalidParameterValueException' });
    await to(arnOf('failed'));
    await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('a') }));
    const { Body = '' } = await next(failed);
    const report = JSON.parse(Body) as { requestContext: { condition: string }; KinesisBatchInfo: object };
    assert.equal(report.requestContext.condition, 'RetryAttemptsExhausted');
    assert.equal('streamArn' in report.KinesisBatchInfo, true);
  });
});
