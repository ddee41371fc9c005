import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IcebergDestination } from '../../../src/delivery/iceberg/iceberg-destination.ts';
import { IcebergTables, type TableTarget } from '../../../src/delivery/iceberg/tables.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { FakeStore } from '../../support/fake-store.ts';
import { batch, IcebergWorld, signal } from './world.ts';

const arn = 'arn:aws:glue:us-east-1:000000000000:catalog';
const n = { id: 1, name: 'n', type: 'long', required: true };

function tablesOf(world: IcebergWorld, files: 'server' | 'catalog' = 'server') {
  const { store, clock, http, encoding } = world;
  const opened: Readonly<Record<string, string>>[] = [];
  const stores = {
    own: files === 'server' ? store : new FakeStore(Infinity),
    open: (config: Readonly<Record<string, string>>) => {
      opened.push(config);
      return Promise.resolve(store);
    },
  };
  const tables = new IcebergTables({ http, stores, encoding, clock, declared: Promise.resolve() });
  tables.declare({ arn, url: world.double.url, files });
  return { tables, opened };
}

const target = (table: string, options: Partial<TableTarget> = {}): TableTarget => ({
  catalogArn: arn,
  name: { database: 'db', table },
  addsColumns: false,
  ...options,
});

test('a table that does not exist is created from the first records, with its partitions', async () => {
  await using world = await IcebergWorld.start();
  const { tables } = tablesOf(world);
  const create = {
    partitions: [{ name: 'kind', transform: 'identity' as const }],
    location: 's3://lake/w/db/t',
  };
  const { range, records } = batch(['{"n":1,"kind":"a"}', '{"n":2,"kind":"b"}', '{"n":3}']);
  const appended = await tables.append(target('t', { create }), range, records, signal);
  assert.equal(appended.files, 3);
  const table = world.double.table('db.t');
  assert.equal(table['location'], 's3://lake/w/db/t');
  const [spec] = table['partition-specs'] as { fields: object[] }[];
  assert.deepEqual(spec?.fields, [{ 'field-id': 1000, 'source-id': 2, name: 'kind', transform: 'identity' }]);
  assert.deepEqual((await world.rows('t')).length, 3);
  assert.deepEqual(
    [...world.store.objects.keys()].filter((key) => key.endsWith('.parquet')).map((key) => key.split('/')[5]),
    ['kind=a', 'kind=b', 'kind=null'],
  );
});

test('a table is not created for records without columns, nor without its partition column', async () => {
  await using world = await IcebergWorld.start();
  const { tables } = tablesOf(world);
  const none = batch(['no json', '{"n":null}']);
  const create = { partitions: [] };
  const empty = await tables.append(target('t', { create }), none.range, none.records, signal);
  assert.deepEqual(
    empty.refused.map(({ errorCode }) => errorCode),
    ['Iceberg.InvalidJson', 'Iceberg.MissingColumnWithinRecord'],
  );
  const other = batch(['{"n":1}']);
  const partitioned = { partitions: [{ name: 'kind', transform: 'identity' as const }] };
  const { refused } = await tables.append(
    target('t', { create: partitioned }),
    other.range,
    other.records,
    signal,
  );
  assert.match(refused[0]?.errorMessage ?? '', /no record has a value for its partition column kind/);
  assert.equal(world.double.tables.size, 0);
});

test('a column by whose time a table is partitioned is a timestamptz when the table is created', async () => {
  await using world = await IcebergWorld.start();
  const { tables } = tablesOf(world);
  const create = { partitions: [{ name: 'At', transform: 'hour' as const }] };
  const { range, records } = batch([
    '{"at":"2024-02-29T01:30:00Z"}',
    '{"at":1709170200000000}',
    '{"at":"x"}',
  ]);
  const { refused, files } = await tables.append(target('t', { create }), range, records, signal);
  assert.deepEqual([files, refused.length], [1, 1]);
  const [schema] = world.double.table('db.t')['schemas'] as { fields: object[] }[];
  assert.deepEqual(schema?.fields, [{ id: 1, name: 'at', required: false, type: 'timestamptz' }]);
});

test('the files are in the store that the catalog describes, if declared', async () => {
  await using world = await IcebergWorld.start();
  world.double.config = { defaults: { 's3.endpoint': 'http://store' } };
  world.double.create('db.t', [n]);
  const { tables, opened } = tablesOf(world, 'catalog');
  const { range, records } = batch(['{"n":1}']);
  await tables.append(target('t'), range, records, signal);
  assert.equal(opened[0]?.['s3.endpoint'], 'http://store');
  assert.equal(world.double.headers.at(-1)?.['x-iceberg-access-delegation'], 'vended-credentials');
  assert.deepEqual(await world.rows('t'), [{ n: 1n }]);
});

test('a catalog that is not declared is refused by name', async () => {
  await using world = await IcebergWorld.start();
  const { tables } = tablesOf(world);
  tables.remove(arn);
  const { range, records } = batch(['{"n":1}']);
  await assert.rejects(tables.append(target('t'), range, records, signal), {
    code: 'Iceberg.NoSuchCatalog',
    message: `The catalog ${arn} is not declared in nagare.yaml.`,
  });
});

test('each record goes to its own table, and a batch is completed after one table failed', async () => {
  await using world = await IcebergWorld.start();
  world.double.create('db.even', [n]);
  const { tables } = tablesOf(world);
  const destination = new IcebergDestination({
    tables,
    deliveryId: 'delivery',
    retryMs: 1000,
    clock: world.clock,
    route: ({ sequenceNumber }) =>
      sequenceNumber === '5'
        ? { errorCode: 'none', errorMessage: 'no table' }
        : target(Number(sequenceNumber) % 2 === 0 ? 'even' : 'odd'),
  });
  const { range, records } = batch(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}', '{"n":5}']);
  const delivery = { ...range, firstArrivalMs: 0, records };
  await assert.rejects(destination.deliver(delivery, signal), { code: 'Iceberg.NoSuchTable' });
  world.double.create('db.odd', [n]);
  const result = await destination.deliver(delivery, signal);
  assert.equal(result.delivered, 4);
  assert.deepEqual(
    result.refused.map(({ record, errorCode }) => [record.sequenceNumber, errorCode]),
    [['5', 'none']],
  );
  assert.deepEqual(await world.rows('even'), [{ n: 2n }, { n: 4n }]);
  assert.deepEqual(await world.rows('odd'), [{ n: 1n }, { n: 3n }]);
});

test('records of a table that stays missing are refused after the retries, records of other tables are not', async () => {
  await using world = await IcebergWorld.start();
  world.double.create('db.there', [n]);
  const { tables } = tablesOf(world);
  const clock = new ManualClock(0);
  const destination = new IcebergDestination({
    tables,
    deliveryId: 'delivery',
    retryMs: 1000,
    clock,
    route: ({ sequenceNumber }) => target(sequenceNumber === '1' ? 'missing' : 'there'),
  });
  const { range, records } = batch(['{"n":1}', '{"n":2}']);
  const delivery = { ...range, firstArrivalMs: 0, records };
  for (const ms of [0, 999]) {
    clock.advance(ms);
    await assert.rejects(destination.deliver(delivery, signal), { code: 'Iceberg.NoSuchTable' });
  }
  clock.advance(1);
  const { refused, delivered } = await destination.deliver(delivery, signal);
  assert.deepEqual([delivered, refused.length, refused[0]?.attempts], [1, 1, 3]);
  assert.equal(refused[0]?.errorMessage, 'The table db.missing does not exist.');
  assert.deepEqual(await world.rows('there'), [{ n: 2n }]);
});

test('records wait until an unavailable catalog responds', async () => {
  await using world = await IcebergWorld.start();
  const { tables } = tablesOf(world);
  world.double.answer = () => ({ status: 503, body: '' });
  const clock = new ManualClock(0);
  const options = { tables, deliveryId: 'delivery', retryMs: 0, clock, route: () => target('t') };
  const { range, records } = batch(['{"n":1}']);
  const delivery = { ...range, firstArrivalMs: 0, records };
  const deliver = () => new IcebergDestination(options).deliver(delivery, signal);
  await assert.rejects(deliver, { code: 'Iceberg.CatalogUnavailable' });
});
