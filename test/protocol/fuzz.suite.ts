/**
 * 10,000 bodies, random and mutated, for the operations of a whole server: each is answered, or refused with an error
 * that a client can read; none is a fault of the server, and none keeps it. `node --test test/protocol/fuzz.suite.ts`,
 * with SEED=n for another sequence.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { startTestServer } from '../support/server.ts';
import { assertWellFormed, bodies } from './fuzz.ts';
import { models } from './support.ts';

const RUNS = 10_000;
const seed = Number(process.env['SEED'] ?? 20191103);

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value) ?? 'null');
}

it(`answers ${RUNS} bodies of all operations well (seed ${seed})`, { timeout: 15 * 60_000 }, async () => {
  await using server = await startTestServer();
  const operations = [models.kinesis, models.monitoring].flatMap((model) =>
    Object.values(model.operations).map((operation) => ({ model, operation })),
  );
  for (const { model, operation } of operations) {
    if (operation.input === undefined || operation.name === 'SubscribeToShard') continue;
    await fc.assert(
      fc.asyncProperty(bodies(model, operation.input.shape, json), async (body) => {
        const response = await fetch(server.endpoint, {
          method: 'POST',
          headers: {
            'content-type': `application/x-amz-json-${model.metadata.jsonVersion ?? '1.1'}`,
            'x-amz-target': `${model.metadata.targetPrefix ?? ''}.${operation.name}`,
          },
          body: new Uint8Array(body),
          signal: AbortSignal.timeout(20_000),
        });
        const text = await response.text();
        const contentType = response.headers.get('content-type') ?? '';
        assertWellFormed(
          { status: response.status, headers: { 'Content-Type': contentType }, body: text },
          operation.name,
        );
      }),
      { seed, numRuns: Math.ceil(RUNS / operations.length), endOnFailure: true },
    );
  }
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200);
});
