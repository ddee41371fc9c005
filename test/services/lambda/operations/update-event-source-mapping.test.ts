import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { until } from '../../../support/until.ts';
import { setupClient } from '../mapping/client.ts';
import { create } from '../mapping/setup.ts';

describe('UpdateEventSourceMapping', () => {
  test('returns 202, and the next batch uses the new options', async (t) => {
    const { client, streams, mappings, batches } = await setupClient(t);
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings, { Enabled: false });
    const answer = await client.send(
      new UpdateEventSourceMappingCommand({ UUID: uuid, BatchSize: 2, Enabled: true }),
    );
    assert.equal(answer.$metadata.httpStatusCode, 202);
    assert.equal(answer.State, 'Enabling');
    assert.equal(answer.BatchSize, 2);
    streams.put('s', shard, 'a', 'b', 'c');
    await until(() => batches.flat().length === 3);
    assert.ok(batches.every((batch) => batch.length <= 2));
  });

  test('reports a missing mapping', async (t) => {
    const { client } = await setupClient(t);
    await assert.rejects(client.send(new UpdateEventSourceMappingCommand({ UUID: 'unknown' })), {
      name: 'ResourceNotFoundException',
    });
  });

  test('refuses a change that makes it a duplicate for the stream and the function', async (t) => {
    const { client, streams, functions, mappings } = await setupClient(t);
    streams.create('s');
    functions.set('g', () => undefined);
    const uuid = await create(mappings);
    await create(mappings, { FunctionName: 'g' });
    await assert.rejects(
      client.send(new UpdateEventSourceMappingCommand({ UUID: uuid, FunctionName: 'g' })),
      { name: 'ResourceConflictException' },
    );
  });
});
