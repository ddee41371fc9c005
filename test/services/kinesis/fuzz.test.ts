import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyCall, textsFor } from './support/any-call.ts';
import { startKinesis } from './support/server.ts';
import { callRaw, createStream, iteratorFor, put } from './support/streams.ts';

test('whatever its input, an operation succeeds or says what is wrong', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const { SequenceNumber = '' } = await put(kinesis.client, 'orders', 'x');
  const texts = textsFor(await iteratorFor(kinesis.client, 'orders'), SequenceNumber);
  await fc.assert(
    fc.asyncProperty(anyCall(texts), async ({ name, input }) => {
      if (kinesis.kinesis.source.describe('orders') === undefined)
        await createStream(kinesis.client, 'orders', 2);
      const { status, body } = await callRaw(kinesis.endpoint, name, input);
      assert(status === 200 || status === 400, `${status} ${JSON.stringify(body)}`);
      if (status === 400) assert.match(String(body['__type']), /(Exception|Required)$/, JSON.stringify(body));
    }),
    { numRuns: 1000, seed: 20_260_101 },
  );
});
