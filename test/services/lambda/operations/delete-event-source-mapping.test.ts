import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeleteEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { until } from '../../../support/until.ts';
import { setupClient } from '../mapping/client.ts';
import { create } from '../mapping/setup.ts';

describe('DeleteEventSourceMapping', () => {
  test('returns 202 and the mapping being deleted', async (t) => {
    const { client, streams, mappings } = await setupClient(t);
    streams.create('s');
    const uuid = await create(mappings);
    const answer = await client.send(new DeleteEventSourceMappingCommand({ UUID: uuid }));
    assert.equal(answer.$metadata.httpStatusCode, 202);
    assert.equal(answer.State, 'Deleting');
    await until(() => mappings.list({}).EventSourceMappings.length === 0);
  });

  test('is refused while the mapping is being deleted, and afterwards', async (t) => {
    let open: (() => void) | undefined;
    const { client, streams, functions, mappings } = await setupClient(t);
    const gate = new Promise<void>((resolve) => (open = resolve));
    let begun = false;
    functions.set('f', () => {
      begun = true;
      return gate;
    });
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings);
    streams.put('s', shard, 'a');
    await until(() => begun);
    const command = new DeleteEventSourceMappingCommand({ UUID: uuid });
    await client.send(command);
    assert.equal(mappings.get(uuid).State, 'Deleting');
    await assert.rejects(client.send(command), { name: 'ResourceInUseException' });
    open?.();
    await until(() => mappings.list({}).EventSourceMappings.length === 0);
    await assert.rejects(client.send(command), { name: 'ResourceNotFoundException' });
  });
});
