import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

const lambda = new LambdaClient({});

/** Invokes the producer 100 times at once, without waiting for what becomes of it. */
const answers = await Promise.all(
  Array.from({ length: 100 }, (_, message) =>
    lambda.send(
      new InvokeCommand({
        FunctionName: 'log-sample',
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(JSON.stringify({ message })),
      }),
    ),
  ),
);
console.log(`${answers.filter(({ StatusCode }) => StatusCode === 202).length} invocations accepted`);
