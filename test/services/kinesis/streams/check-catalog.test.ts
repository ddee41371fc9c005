import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StreamsDamagedError } from '../../../../src/services/kinesis/streams/check-catalog.ts';
import {
  openTables,
  shardKey,
  type ShardRow,
  type StreamRow,
  type Tables,
} from '../../../../src/services/kinesis/streams/rows.ts';
import type { Transaction } from '../../../../src/engine/catalog.ts';
import { startKinesis } from '../support/server.ts';
import { createStream } from '../support/streams.ts';

type Harm = (to: Transaction, tables: Tables, stream: StreamRow, shard: (index: number) => ShardRow) => void;

const harms: Readonly<Record<string, [Harm, RegExp]>> = {
  'a gap between the hash keys of open shards': [
    (to, { shards }, { id }, shard) =>
      to.put(shards, shardKey(id, 0), { ...shard(0), endHash: shard(0).startHash }),
    /stream orders: .*shardId-000000000000 and shardId-000000000001 overlap or leave a gap/,
  ],
  'a missing shard': [
    (to, { shards }, { id }) => to.delete(shards, shardKey(id, 1)),
    /no open shard has the last hash keys/,
  ],
  'a parent that is still open': [
    (to, { shards }, { id }, shard) =>
      to.put(shards, shardKey(id, 1), { ...shard(1), parents: [0], createdSeconds: 2e9 }),
    /shardId-000000000001 has a parent that is open/,
  ],
  'two shards in one log': [
    (to, { shards }, { id }, shard) => to.put(shards, shardKey(id, 1), { ...shard(1), log: shard(0).log }),
    /shardId-000000000001 has the same log as shardId-000000000000 of orders/,
  ],
  'a shard without a stream': [
    (to, { shards }, _stream, shard) => to.put(shards, shardKey('gone', 0), shard(0)),
    /shard gone\/0000000000 belongs to no stream/,
  ],
};

for (const [name, [harm, message]] of Object.entries(harms)) {
  test(`a start is refused because of ${name}`, async () => {
    await using kinesis = await startKinesis();
    await createStream(kinesis.client, 'orders', 2);
    const tables = openTables(kinesis.engine.catalog);
    await kinesis.engine.catalog.commit((to) => {
      const stream = to.get(tables.streams, 'orders');
      assert(stream);
      harm(to, tables, stream, (index) => {
        const row = to.get(tables.shards, shardKey(stream.id, index));
        assert(row);
        return row;
      });
    });
    const refused = kinesis.restart();
    await assert.rejects(
      refused,
      (error) => error instanceof StreamsDamagedError && message.test(error.message),
    );
  });
}
