import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IcebergError } from '../../../src/delivery/iceberg/errors.ts';
import { icebergLimits } from '../../../src/delivery/iceberg/limits.ts';
import { runSeed, seededRandom } from '../../support/random.ts';
import type { CommitFate } from './catalog-double.ts';
import { batch, IcebergWorld, signal } from './world.ts';

const n = { id: 1, name: 'n', type: 'long', required: true };
const texts = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `{"n":${first + index}}`);
const values = (rows: readonly Record<string, unknown>[]): number[] => rows.map((row) => Number(row['n']));

describe('a batch is in the table once, in order, when its first commit', () => {
  const fates: CommitFate[] = ['well', 'conflict', 'lost before', 'lost after', 'late', 500];
  for (const fate of fates) {
    test(`ends as: ${fate}`, async () => {
      await using world = await IcebergWorld.start();
      world.double.create('db.t', [n]);
      world.double.fate = (commit) => (commit === 1 ? fate : 'well');
      const { range, records } = batch(texts(0, 10));
      const appended = await world.writer('t').append(range, records, signal);
      assert.deepEqual([appended.delivered, appended.refused], [10, []]);
      assert.deepEqual(values(await world.rows('t')), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.equal(world.double.snapshots('db.t').length, 1);
    });
  }

  test('times out', async () => {
    await using world = await IcebergWorld.start({ timeoutMs: 1500 });
    world.double.create('db.t', [n]);
    world.double.fate = (commit) => (commit === 1 ? 'unanswered' : 'well');
    const { range, records } = batch(texts(0, 3));
    await world.writer('t').append(range, records, signal);
    assert.deepEqual(values(await world.rows('t')), [0, 1, 2]);
  });

  test('conflicts with another writer, whose rows stay', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    const other = batch(texts(100, 2), 1, 'shardId-0', 'other');
    let overtaken = false;
    const ours = batch(texts(0, 2));
    // The other one commits while ours is on its way.
    const put = world.store.put.bind(world.store);
    world.store.put = async (bucket, key, body, options) => {
      if (key.includes('/snap-') && !overtaken) {
        overtaken = true;
        await world.writer('t').append(other.range, other.records, signal);
      }
      return await put(bucket, key, body, options);
    };
    await world.writer('t').append(ours.range, ours.records, signal);
    assert.deepEqual(values(await world.rows('t')), [100, 101, 0, 1]);
    const [, second] = world.double.snapshots('db.t');
    assert.equal(second?.summary['total-records'], '4');
  });
});

test('a batch repeated after a crash is not written again', async () => {
  await using world = await IcebergWorld.start();
  world.double.create('db.t', [n]);
  const { range, records } = batch([...texts(0, 3), 'no json']);
  const first = await world.writer('t').append(range, records, signal);
  const writes = world.store.writes;
  const again = await world.writer('t').append(range, records, signal);
  assert.equal(world.store.writes, writes);
  assert.deepEqual([again.delivered, again.bytes, again.files], [3, 0, 0]);
  assert.deepEqual(again.refused, first.refused);
  assert.equal(again.refused[0]?.errorCode, 'Iceberg.InvalidJson');
});

describe("the table's content is known", () => {
  test('by its properties when the snapshots have expired', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    const one = batch(texts(0, 3));
    const two = batch(texts(100, 1), 1, 'shardId-1');
    await world.writer('t').append(one.range, one.records, signal);
    await world.writer('t').append(two.range, two.records, signal);
    const table = world.double.table('db.t');
    table['snapshots'] = world.double.snapshots('db.t').slice(1);
    await world.writer('t').append(one.range, one.records, signal);
    assert.deepEqual(values(await world.rows('t')), [0, 1, 2, 100]);
  });

  test('by the summaries of all snapshots when the properties were removed', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    const one = batch(texts(0, 3));
    const two = batch(texts(100, 1), 1, 'shardId-1');
    await world.writer('t').append(one.range, one.records, signal);
    await world.writer('t').append(two.range, two.records, signal);
    world.double.table('db.t')['properties'] = {};
    await world.writer('t').append(one.range, one.records, signal);
    assert.deepEqual(values(await world.rows('t')), [0, 1, 2, 100]);
  });

  test('for a bounded number of shards, the oldest positions being dropped first', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    const many = Array.from({ length: icebergLimits.positionsMax }, (_, index) => [
      `nagare.position.delivery/old-${index}`,
      `${10 + index}`,
    ]);
    world.double.table('db.t')['properties'] = { ...Object.fromEntries(many), owner: 'us' };
    const { range, records } = batch(texts(0, 1), 5_000);
    await world.writer('t').append(range, records, signal);
    const properties = world.double.table('db.t')['properties'] as Record<string, string>;
    assert.equal(Object.keys(properties).length, icebergLimits.positionsMax + 1);
    assert.equal(properties['nagare.position.delivery/old-0'], undefined);
    assert.equal(properties['nagare.position.delivery/shardId-0'], '5000');
    assert.equal(properties['owner'], 'us');
  });
});

test('records are in the table once and in shard order, whatever fails', async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  await using world = await IcebergWorld.start();
  world.double.create('db.t', [n, { id: 2, name: 'shard', type: 'long', required: true }]);
  const fates: CommitFate[] = ['well', 'well', 'conflict', 'lost before', 'lost after', 'late', 500];
  world.double.fate = () => fates[Math.floor(random() * fates.length)] ?? 'well';
  world.store.fate = () => (random() < 0.05 ? 'lost after' : random() < 0.05 ? 'lost before' : 'well');
  const shards = [0, 1, 2];
  const next = shards.map(() => 0);
  await Promise.all(
    shards.map(async (shard) => {
      for (let round = 0; round < 15; round++) {
        const first = next[shard] ?? 0;
        const count = 1 + Math.floor(random() * 4);
        const lines = texts(first, count).map((text) => text.replace('}', `,"shard":${shard}}`));
        const { range, records } = batch(lines, first + 1, `shardId-${shard}`);
        // The pipeline calls again until it succeeds, and now and then once more: the process died after the commit.
        for (;;) {
          try {
            await world.writer('t').append(range, records, signal);
            if (random() < 0.8) break;
          } catch (error) {
            if (error instanceof assert.AssertionError) throw error;
          }
        }
        next[shard] = first + count;
      }
    }),
  );
  const rows = await world.rows('t');
  for (const shard of shards) {
    const found = values(rows.filter((row) => Number(row['shard']) === shard));
    assert.deepEqual(
      found,
      Array.from({ length: next[shard] ?? 0 }, (_, index) => index),
    );
  }
});

describe('columns', () => {
  test('are added for new keys, once, and earlier rows are null there', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    const writer = world.writer('t', { addsColumns: true });
    const first = batch(['{"n":1}']);
    await writer.append(first.range, first.records, signal);
    const second = batch(['{"n":2,"name":"x","list":[],"none":null}', '{"n":3,"NAME":"y","size":1.5}'], 2);
    const { refused } = await writer.append(second.range, second.records, signal);
    assert.deepEqual(refused, []);
    const rows = await world.rows('t');
    assert.deepEqual(
      rows.map((row) => row['name']),
      [undefined, 'x', 'y'],
    );
    const [, schema] = world.double.table('db.t')['schemas'] as { fields: object[] }[];
    assert.deepEqual(schema?.fields.slice(1), [
      { id: 2, name: 'name', required: false, type: 'string' },
      { id: 3, name: 'size', required: false, type: 'double' },
    ]);
    assert.equal(world.double.table('db.t')['last-column-id'], 3);
  });

  test('that another writer added in the meantime are used', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    world.double.before = () => {
      world.double.before = () => {};
      const table = world.double.table('db.t');
      const [schema] = table['schemas'] as { fields: object[] }[];
      const fields = [...(schema?.fields ?? []), { id: 2, name: 'x', type: 'string', required: false }];
      table['schemas'] = [schema, { type: 'struct', 'schema-id': 1, fields }];
      table['current-schema-id'] = 1;
      table['last-column-id'] = 2;
    };
    const { range, records } = batch(['{"n":1,"x":5}', '{"n":2,"x":"text"}']);
    const { refused } = await world.writer('t', { addsColumns: true }).append(range, records, signal);
    assert.deepEqual(
      refused.map(({ errorMessage }) => errorMessage),
      ['The column x expects a text, not 5.'],
    );
    assert.deepEqual(values(await world.rows('t')), [2]);
  });
});

describe('a table is refused by name when', () => {
  const { range, records } = batch(texts(0, 1));
  const refusal = async (world: IcebergWorld, message: RegExp, code = 'Iceberg.UnsupportedTable') => {
    const appending = world.writer('t').append(range, records, signal);
    await assert.rejects(appending, (error: IcebergError) => {
      assert.match(error.message, message);
      assert.equal(error.code, code);
      return true;
    });
    assert.deepEqual(await world.rows('t'), []);
  };

  test('it does not exist', async () => {
    await using world = await IcebergWorld.start();
    await refusal(world, /^The table db\.t does not exist\.$/, 'Iceberg.NoSuchTable');
  });

  for (const version of [1, 3]) {
    test(`it has format version ${version}`, async () => {
      await using world = await IcebergWorld.start();
      world.double.create('db.t', [n], { version });
      await refusal(world, new RegExp(`format version ${version}`));
    });
  }

  test('it has an unsupported partition transform', async () => {
    await using world = await IcebergWorld.start();
    const spec = [{ 'source-id': 1, 'field-id': 1000, name: 'n_bucket', transform: 'bucket[16]' }];
    world.double.create('db.t', [n], { spec });
    await refusal(world, /the partition field n_bucket has the transform bucket\[16\]/);
  });

  test('it has a column of an unsupported type', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n, { id: 2, name: 'v', type: 'variant', required: false }]);
    await refusal(world, /the column v has the type variant/);
  });

  test('its files are not in S3', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    world.double.table('db.t')['location'] = 'file:///tmp/t';
    await refusal(world, /its files are at file:\/\/\/tmp\/t/);
  });

  test('its Parquet files use an unsupported codec', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    world.double.table('db.t')['properties'] = { 'write.parquet.compression-codec': 'brotli' };
    await refusal(world, /write\.parquet\.compression-codec is brotli/);
  });

  test('its manifest list is truncated', async () => {
    await using world = await IcebergWorld.start();
    world.double.create('db.t', [n]);
    const before = batch(texts(0, 1), 1, 'shardId-9');
    await world.writer('t').append(before.range, before.records, signal);
    const [snapshot] = world.double.snapshots('db.t');
    const key = snapshot?.['manifest-list'].replace('s3://lake/', '') ?? '';
    const body = world.store.objects.get(`lake/${key}`)?.body;
    world.store.objects.set(`lake/${key}`, {
      body: body?.subarray(0, -20) ?? Buffer.alloc(0),
      info: { etag: '"x"', sizeBytes: 1, lastModifiedMs: 0, metadata: {} },
    });
    await assert.rejects(world.writer('t').append(range, records, signal), /manifest list cannot be read/);
    assert.equal(world.double.snapshots('db.t').length, 1);
  });
});
