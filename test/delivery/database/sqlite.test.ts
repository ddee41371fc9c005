import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { SqliteThread } from '../../../src/delivery/database/sqlite-thread.ts';
import { SqliteDestination } from '../../../src/delivery/database/sqlite.ts';
import type { TableSettings } from '../../../src/delivery/database/table.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { batch, column, never, table } from './world.ts';

const thread = new SqliteThread(silentLog);
after(() => thread.close());

const orders = table(column('id', 'bigint', { required: true }), column('who', 'text'));

async function open(settings: TableSettings = orders) {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const file = join(folder, 'orders.db');
  const destination = (more: { readonly file?: string; readonly table?: TableSettings } = {}) =>
    new SqliteDestination({ thread, file, dataDir, table: settings, deliveryId: 'd1', ...more });
  const query = (sql: string) => {
    using database = new DatabaseSync(file);
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  };
  const ids = () => query('SELECT id FROM orders ORDER BY rowid').map(({ id }) => id);
  return { folder, dataDir, file, destination, query, ids };
}

describe('a table in SQLite', () => {
  it('gets a row for each record, in order, and refused records go to the error table', async () => {
    const { destination, query } = await open();
    const given = batch(['{"id":1,"who":"a"}', 'no json', '{"id":9223372036854775807}', '{"who":"x"}']);
    const result = await destination().deliver(given, never);
    assert.deepEqual([result.delivered, result.bytes], [2, 44]);
    assert.deepEqual(
      result.refused.map(({ record, errorCode }) => [record, errorCode]),
      [
        [given.records[1], 'Database.InvalidJson'],
        [given.records[3], 'Database.MissingValue'],
      ],
    );
    assert.deepEqual(
      query(
        'SELECT shard_id, sequence_number, sub_sequence_number, arrived_at, CAST(id AS TEXT) AS id, who FROM orders',
      ),
      [
        {
          shard_id: 'shardId-000000000000',
          sequence_number: '10000000000000000001',
          sub_sequence_number: 0,
          arrived_at: '2026-11-29T01:02:03.001Z',
          id: '1',
          who: 'a',
        },
        {
          shard_id: 'shardId-000000000000',
          sequence_number: '10000000000000000003',
          sub_sequence_number: 0,
          arrived_at: '2026-11-29T01:02:03.003Z',
          id: '9223372036854775807',
          who: null,
        },
      ],
    );
    assert.deepEqual(query('SELECT error_code, CAST(data AS TEXT) AS data, arrived_at FROM orders_errors'), [
      { error_code: 'Database.InvalidJson', data: 'no json', arrived_at: '2026-11-29T01:02:03.002Z' },
      { error_code: 'Database.MissingValue', data: '{"who":"x"}', arrived_at: '2026-11-29T01:02:03.004Z' },
    ]);
    assert.deepEqual(query('PRAGMA journal_mode'), [{ journal_mode: 'wal' }]);
  });

  it('stores a repeated batch once, with the same result, and only the new records of an overlapping one', async () => {
    const { destination, ids, query } = await open();
    const texts = ['{"id":1}', 'bad', '{"id":3}'];
    const first = await destination().deliver(batch(texts), never);
    assert.deepEqual(await destination().deliver(batch(texts), never), first);
    const longer = await destination().deliver(batch([...texts, '{"id":4}', 'bad again']), never);
    assert.deepEqual(ids(), [1, 3, 4]);
    assert.deepEqual(
      longer.refused.map(({ errorMessage }) => errorMessage),
      ['The record is not JSON.'],
    );
    assert.deepEqual(query('SELECT count(*) AS count FROM orders_errors'), [{ count: 2 }]);
  });

  it('stores previously refused records in the error table once', async () => {
    const { destination, query } = await open();
    const given = batch(['{"id":1}', 'x']);
    const refused = given.records.map((record) => ({
      record,
      errorCode: 'Lambda.FunctionError',
      errorMessage: 'it said \0 \ud800',
      attempts: 3,
    }));
    await destination().write(given, refused);
    await destination().write(given, refused);
    assert.deepEqual(query('SELECT error_code, error_message FROM orders_errors'), [
      { error_code: 'Lambda.FunctionError', error_message: 'it said \u{fffd} \u{fffd}' },
      { error_code: 'Lambda.FunctionError', error_message: 'it said \u{fffd} \u{fffd}' },
    ]);
  });

  it('refuses single rows that a constraint of the owner rejects', async () => {
    const { destination, query, ids } = await open();
    await destination().deliver(batch(['{"id":1}']), never);
    query('CREATE UNIQUE INDEX ids ON orders (id)');
    const { refused } = await destination().deliver(batch(['{"id":1}', '{"id":2}'], 2), never);
    assert.deepEqual(
      refused.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]),
      [['Database.Rejected', 'SQLite rejects the row: UNIQUE constraint failed: orders.id']],
    );
    assert.deepEqual(ids(), [1, 2]);
  });

  it('can have additional optional columns, and makes records wait if its columns differ', async () => {
    const { destination, query } = await open();
    await destination().deliver(batch(['{"id":1}']), never);
    query("ALTER TABLE orders ADD COLUMN note TEXT DEFAULT 'x'");
    await destination().deliver(batch(['{"id":2}'], 2), never);
    assert.deepEqual(query('SELECT note FROM orders'), [{ note: 'x' }, { note: 'x' }]);
    const changed = table(column('id', 'text'), column('when', 'timestamp'));
    await assert.rejects(destination({ table: changed }).deliver(batch(['{"id":3}'], 3), never), {
      code: 'Database.TableDiffers',
      message:
        'The table orders differs from its declaration: the column id is INTEGER, not TEXT; it has no column when.',
    });
    query('ALTER TABLE orders ADD COLUMN must TEXT NOT NULL DEFAULT 1');
    await destination().deliver(batch(['{"id":4}'], 4), never);
  });

  it('supports names that need quotes', async () => {
    const name = 'a "b" `c`; DROP TABLE x --';
    const strange = { name, columns: [column('se"l', 'text', { path: '$' })] };
    const { destination, query } = await open(strange);
    await destination().deliver(batch(['x']), never);
    assert.deepEqual(query(`SELECT "se""l" AS value FROM "${name.replaceAll('"', '""')}"`), [{ value: 'x' }]);
  });

  it("is never in the server's data folder, even through links", async () => {
    const { destination, dataDir, folder } = await open();
    const [inside, link, linkedFolder] = [
      join(dataDir, 'x.db'),
      join(folder, 'x.db'),
      join(folder, 'linked'),
    ];
    await symlink(inside, link);
    await symlink(dataDir, linkedFolder);
    for (const file of [inside, link, join(linkedFolder, 'x.db'), join(folder, 'none', 'x.db')]) {
      await assert.rejects(destination({ file }).deliver(batch(['{"id":1}']), never), {
        code: 'Database.InvalidAddress',
      });
    }
    assert.equal(existsSync(inside), false);
  });

  it('can be read while it is written, and waits for another writer', async () => {
    const { destination, file, ids } = await open();
    await destination().deliver(batch(['{"id":1}']), never);
    using other = new DatabaseSync(file);
    other.exec('BEGIN');
    assert.equal(other.prepare('SELECT id FROM orders').all().length, 1);
    await destination().deliver(batch(['{"id":2}'], 2), never);
    other.exec('COMMIT; BEGIN IMMEDIATE');
    const waiting = destination().deliver(batch(['{"id":3}'], 3), never);
    other.exec('COMMIT');
    await waiting;
    assert.deepEqual(ids(), [1, 2, 3]);
  });

  it('is created again if its file was moved away', async () => {
    const { destination, file, ids, folder } = await open();
    await destination().deliver(batch(['{"id":1}']), never);
    await rename(file, join(folder, 'old.db'));
    await destination().deliver(batch(['{"id":2}'], 2), never);
    assert.deepEqual(ids(), [2]);
  });
});
