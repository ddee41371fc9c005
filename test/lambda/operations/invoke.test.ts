import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { createFunction, invoke, startLambda } from '../lambda-server.ts';

test('a handler gets the event and a context, and what it returns is the answer', async (context) => {
  const server = await startLambda(context);
  const source = `export const handler = async (event, context) => ({
    event,
    name: context.functionName,
    arn: context.invokedFunctionArn,
    left: context.getRemainingTimeInMillis() > 1000,
    region: process.env.AWS_REGION,
    endpoint: process.env.AWS_ENDPOINT_URL,
    greeting: process.env.GREETING,
  });`;
  await createFunction(server, 'hello', source, { Environment: { Variables: { GREETING: 'hi' } } });
  const output = await server.client.send(
    new InvokeCommand({ FunctionName: 'hello', Payload: JSON.stringify({ a: 1 }), LogType: 'Tail' }),
  );
  assert.equal(output.StatusCode, 200);
  assert.equal(output.ExecutedVersion, '$LATEST');
  assert.equal(output.FunctionError, undefined);
  assert.deepEqual(JSON.parse(output.Payload?.transformToString() ?? ''), {
    event: { a: 1 },
    name: 'hello',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:hello',
    left: true,
    region: 'us-east-1',
    endpoint: server.endpoint,
    greeting: 'hi',
  });
  const log = Buffer.from(output.LogResult ?? '', 'base64').toString();
  const id = output.$metadata.requestId;
  assert.match(log, new RegExp(`^START RequestId: ${id} Version: \\$LATEST\n`));
  assert.match(
    log,
    new RegExp(`END RequestId: ${id}\nREPORT RequestId: ${id}\tDuration: [\\d.]+ ms\tBilled`),
  );
});

test('a second call finds the process warm', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'count', 'let calls = 0; export const handler = async () => ++calls;');
  assert.equal((await invoke(server, 'count')).payload, 1);
  assert.equal((await invoke(server, 'count')).payload, 2);
});
