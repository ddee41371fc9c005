import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ListEventSourceMappingsCommand, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { setupClient } from '../mapping/client.ts';
import { arn, create } from '../mapping/setup.ts';

describe('ListEventSourceMappings', () => {
  test('returns all, in pages', async (t) => {
    const { client, streams, functions, mappings } = await setupClient(t);
    streams.create('s');
    const created = new Set<string>();
    for (const name of ['a', 'b', 'c']) {
      functions.set(name, () => undefined);
      created.add(await create(mappings, { FunctionName: name }));
    }
    const pages = paginateListEventSourceMappings({ client, pageSize: 2 }, { EventSourceArn: arn });
    const sizes: number[] = [];
    for await (const { EventSourceMappings: page = [] } of pages) {
      sizes.push(page.length);
      for (const { UUID: uuid = '' } of page) assert.ok(created.delete(uuid));
    }
    assert.deepEqual(sizes, [2, 1]);
    assert.equal(created.size, 0);
  });

  // Recorded on AWS; tools list before they create.
  test('returns none for an unknown function', async (t) => {
    const { client } = await setupClient(t);
    const answer = await client.send(new ListEventSourceMappingsCommand({ FunctionName: 'unknown' }));
    assert.deepEqual(answer.EventSourceMappings, []);
  });

  test('returns none when there are none', async (t) => {
    const { client } = await setupClient(t);
    const { EventSourceMappings: none } = await client.send(
      new ListEventSourceMappingsCommand({ FunctionName: 'f' }),
    );
    assert.deepEqual(none, []);
  });
});
