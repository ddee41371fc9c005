import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { createFunction, invoke, startLambda } from '../lambda-server.ts';

test('a handler gets the event and a context, and its result is returned', async (context) => {
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

test('a second call uses the warm process', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'count', 'let calls = 0; export const handler = async () => ++calls;');
  assert.equal((await invoke(server, 'count')).payload, 1);
  assert.equal((await invoke(server, 'count')).payload, 2);
});

test('a dry run only checks whether the function could be invoked', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'dry', 'throw new Error("run");');
  const dry = (name: string) =>
    server.client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'DryRun' }));
  assert.equal((await dry('dry')).StatusCode, 204);
  await assert.rejects(dry('none'), { name: 'ResourceNotFoundException' });
});

test('invalid payloads are refused', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'echo', 'export const handler = async (event) => event;');
  const send = (input: object) => server.client.send(new InvokeCommand({ FunctionName: 'echo', ...input }));
  await assert.rejects(send({ Payload: '{"a":' }), {
    name: 'InvalidRequestContentException',
    message: /^Could not parse request body into json: /,
  });
  await assert.rejects(send({ Payload: `"${'x'.repeat(6 * 1024 * 1024 - 1)}"` }), {
    name: 'RequestEntityTooLargeException',
    message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
  });
  await assert.rejects(send({ ClientContext: 'e30=', Payload: '[' }), {
    name: 'InvalidRequestContentException',
  });
  await assert.rejects(send({ ClientContext: 'no' }), { name: 'InvalidRequestContentException' });
  const large = `"${'x'.repeat(6 * 1024 * 1024 - 2)}"`;
  const echoed = await send({ Payload: large, LogType: 'None' });
  assert.equal(echoed.Payload?.transformToString(), large);
  assert.equal(echoed.LogResult, undefined);
  assert.equal((await send({})).Payload?.transformToString(), '{}');
});

test('invocations up to the limit run concurrently, and others wait', async (context) => {
  const server = await startLambda(context, { concurrencyMax: 3 });
  const source = `export const handler = async () => {
    const began = Date.now();
    await new Promise((done) => setTimeout(done, 150));
    return [process.pid, began, Date.now()];
  };`;
  await createFunction(server, 'busy', source);
  const results = await Promise.all(Array.from({ length: 9 }, () => invoke(server, 'busy')));
  const runs = results.map(({ payload }) => payload as [number, number, number]);
  assert.ok(new Set(runs.map(([pid]) => pid)).size <= 3);
  for (const [, began] of runs) {
    const atOnce = runs.filter(([, from, to]) => from <= began && began < to).length;
    assert.ok(atOnce <= 3, `${atOnce} at once`);
  }
});

/** Calls itself, by the SDK as it is, and gives what came of that. */
const nesting = `import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
  export const handler = async ({ deep }, { functionName }) => {
    if (deep === 0) return 'at the bottom';
    const call = { FunctionName: functionName, Payload: JSON.stringify({ deep: deep - 1 }) };
    try {
      const answer = await new LambdaClient({}).send(new InvokeCommand(call));
      return JSON.parse(answer.Payload.transformToString());
    } catch ({ name, Reason, $metadata }) {
      return { name, Reason, status: $metadata.httpStatusCode };
    }
  };`;

// All turns were held by calls that waited for another, until the first was at its timeout: Sandbox.Timedout.
test('a function that waits for itself gets an error before its timeout', async (context) => {
  const server = await startLambda(context, { concurrencyMax: 2 });
  await createFunction(server, 'created', nesting, { Timeout: 12 });
  const path = join(server.folder, 'nesting.mjs');
  await writeFile(path, nesting);
  server.lambda.declareFunction({
    name: 'declared',
    path,
    handler: 'handler',
    timeoutSeconds: 12,
    concurrency: 2,
  });
  assert.equal((await invoke(server, 'created', { deep: 1 })).payload, 'at the bottom');
  const [created, declared] = await Promise.all([
    invoke(server, 'created', { deep: 2 }),
    invoke(server, 'declared', { deep: 2 }),
  ]);
  const refused = { name: 'TooManyRequestsException', status: 429 };
  assert.deepEqual(created.payload, { ...refused, Reason: 'ConcurrentInvocationLimitExceeded' });
  assert.deepEqual(declared.payload, {
    ...refused,
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });
});
