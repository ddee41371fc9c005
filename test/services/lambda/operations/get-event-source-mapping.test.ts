import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { setupClient } from '../mapping/client.ts';
import { create } from '../mapping/setup.ts';

describe('GetEventSourceMapping', () => {
  test('returns the mapping', async (t) => {
    const { client, streams, mappings } = await setupClient(t);
    streams.create('s');
    const uuid = await create(mappings, { BatchSize: 7 });
    const mapping = await client.send(new GetEventSourceMappingCommand({ UUID: uuid }));
    assert.equal(mapping.UUID, uuid);
    assert.equal(mapping.BatchSize, 7);
    assert.equal(mapping.$metadata.httpStatusCode, 200);
  });

  test('reports a missing mapping', async (t) => {
    const { client } = await setupClient(t);
    const unknown = client.send(new GetEventSourceMappingCommand({ UUID: 'unknown' }));
    await assert.rejects(unknown, {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
  });
});
