/** Writes to Debian's PostgreSQL, and kills it and the server in between. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PutRecordsCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import type { PostgresSettings } from '../../src/delivery/database/postgres-address.ts';
import { PostgresDestination } from '../../src/delivery/database/postgres.ts';
import { COLUMN_TYPES, type TableSettings } from '../../src/delivery/database/table.ts';
import { systemClock } from '../../src/support/clock.ts';
import { Egress } from '../../src/support/egress.ts';
import { batch, column, never } from '../delivery/database/world.ts';
import { clientOptions } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { runSeed, seededPick } from '../support/random.ts';
import { spawnServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { programPath } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { type Cluster, PASSWORD, serverPrograms, startCluster } from './postgres/cluster.ts';
import { startProxy } from './postgres/cutting-proxy.ts';

const programs = serverPrograms();

/** What is missing to run this, or false: a skip, which under CI=true is a failure. */
function missing(): string | false {
  const absent = ['openssl', 'setpriv'].filter((program) => programPath(program) === undefined);
  if (programs === undefined) absent.push('postgresql');
  if (absent.length === 0) return false;
  const reason = `not installed: ${absent.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => `{"id":${first + index}}`);

describe('a table in PostgreSQL', { skip: missing() }, () => {
  let cluster: Cluster;
  let databases = 0;
  const environment: Record<string, string> = {};
  const open = new Set<PostgresDestination>();

  before(async () => {
    cluster = await startCluster(programs ?? '');
  });
  after(async () => {
    await Promise.all([...open].map((destination) => destination.close()));
    await cluster?.close();
  });

  const anywhere = new Egress({ allowed: [], ownPort: () => undefined, refuseLoopback: false });

  interface More {
    readonly table?: TableSettings;
    readonly url?: string;
    readonly egress?: Egress;
    readonly password?: PostgresSettings['password'];
  }

  /** A database of its own, and what writes to it. */
  async function newDatabase(settings: TableSettings) {
    const name = `test${++databases}`;
    await cluster.query(`CREATE DATABASE ${name}`);
    const query = (sql: string) => cluster.query(sql, name);
    const destination = ({
      table = settings,
      url = cluster.url(name),
      egress = anywhere,
      password,
    }: More = {}) => {
      environment[`URL_${name}`] = url;
      const made = new PostgresDestination({
        settings: { url: { environment: `URL_${name}` }, ...(password !== undefined && { password }) },
        environment: { ...environment },
        egress,
        clock: systemClock,
        table,
        deliveryId: 'd1',
      });
      open.add(made);
      return made;
    };
    const ids = async () =>
      (await query('SELECT id FROM orders ORDER BY sequence_number')).map(({ id }) => Number(id));
    return { name, query, destination, ids };
  }

  const orders: TableSettings = { name: 'orders', columns: [column('id', 'bigint', { required: true })] };

  test('keeps every type exactly', async () => {
    const table = { name: 'types', columns: COLUMN_TYPES.map((type) => column(type, type)) };
    const { destination, query } = await newDatabase(table);
    const full =
      '{"text":"häß€😀\\"\\\\{},","integer":-2147483648,"bigint":9223372036854775807,"double":0.1,' +
      '"numeric":1234567890123456789012345678.0123456789,"boolean":true,"timestamp":"2026-11-29T03:02:03.456789+02:00",' +
      '"date":"2024-02-29","uuid":"6F1F6E1C-8a3e-4d9b-9a45-0a6c1f0b3c11","json":{"n":[12345678901234567890,null]},' +
      '"bytes":"AQID/w=="}';
    const { refused } = await destination().deliver(batch([full, '{}', '{"text":"NULL"}']), never);
    assert.deepEqual(refused, []);
    const columns = COLUMN_TYPES.filter((type) => type !== 'timestamp').map((type) => `"${type}"::text`);
    columns.push(`to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS utc`);
    columns.push('sequence_number::text', 'sub_sequence_number');
    const rows = await query(`SELECT ${columns.join(', ')} FROM types ORDER BY types.sequence_number`);
    assert.deepEqual(rows[0], {
      text: 'häß€😀"\\{},',
      integer: '-2147483648',
      bigint: '9223372036854775807',
      double: '0.1',
      numeric: '1234567890123456789012345678.0123456789',
      boolean: 'true',
      utc: '2026-11-29 01:02:03.456789',
      date: '2024-02-29',
      uuid: '6f1f6e1c-8a3e-4d9b-9a45-0a6c1f0b3c11',
      json: '{"n": [12345678901234567890, null]}',
      bytes: '\\x010203ff',
      sequence_number: '10000000000000000001',
      sub_sequence_number: 0,
    });
    assert.equal(rows[1]?.['text'], null);
    assert.equal(rows[2]?.['text'], 'NULL');
  });

  test('takes a batch that is repeated once, with the same answer, and only what is new of one that overlaps', async () => {
    const { destination, query, ids } = await newDatabase(orders);
    const texts = [...numbers(1, 9_000), 'bad', '{"id":"text"}'];
    const first = await destination().deliver(batch(texts), never);
    assert.deepEqual(
      first.refused.map(({ errorCode }) => errorCode),
      ['Database.InvalidJson', 'Database.TypeMismatch'],
    );
    assert.deepEqual(await destination().deliver(batch(texts), never), first);
    await destination().deliver(batch([...texts, '{"id":9001}']), never);
    assert.deepEqual(
      await ids(),
      Array.from({ length: 9_001 }, (_, index) => index + 1),
    );
    const errors = await query(
      "SELECT error_code, convert_from(data, 'UTF8') AS data FROM orders_errors ORDER BY 1",
    );
    assert.deepEqual(errors, [
      { error_code: 'Database.InvalidJson', data: 'bad' },
      { error_code: 'Database.TypeMismatch', data: '{"id":"text"}' },
    ]);
  });

  test('finds its position when the answer to a commit was lost', async () => {
    const { destination, ids, name } = await newDatabase(orders);
    const proxy = await startProxy(cluster.port);
    const through = destination({ url: cluster.url(name).replace(`:${cluster.port}/`, `:${proxy.port}/`) });
    await through.deliver(batch(numbers(1, 10)), never);
    // The end of the text of a statement; BEGIN has READ COMMITTED in it.
    proxy.cutAfter('COMMIT\0');
    const given = batch([...numbers(11, 10), 'bad'], 11);
    await assert.rejects(through.deliver(given, never), { code: 'Database.Failed' });
    assert.equal(proxy.cuts, 1);
    assert.equal((await ids()).length, 20, 'the commit has landed');
    const { delivered, refused } = await through.deliver(given, never);
    assert.deepEqual([delivered, refused.length], [10, 1]);
    assert.equal((await ids()).length, 20);
    await proxy.close();
  });

  test('lets two owners of one delivery write each record once', async () => {
    const { destination, ids } = await newDatabase(orders);
    const [one, other] = [destination(), destination()];
    for (let first = 1; first <= 400; first += 20) {
      const given = batch(numbers(first, 20), first);
      await Promise.all([one.deliver(given, never), other.deliver(given, never)]);
    }
    assert.deepEqual(
      await ids(),
      Array.from({ length: 400 }, (_, index) => index + 1),
    );
  });

  test('refuses single rows that the database rejects, and keeps the order of the others', async () => {
    const table = {
      name: 'orders',
      columns: [column('id', 'bigint'), column('document', 'json', { path: '$' })],
    };
    const { destination, query, ids } = await newDatabase(table);
    await destination().deliver(batch(['{"id":0}']), never);
    await query('ALTER TABLE orders ADD CHECK (id % 100 <> 7)');
    await query(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF new.id = 500 THEN RAISE EXCEPTION 'not 500'; END IF; RETURN new; END $$`);
    await query('CREATE TRIGGER no BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION no()');
    const texts = numbers(1, 1_000);
    texts[41] = String.raw`{"id":42,"a":"\ud800"}`;
    texts[42] = String.raw`{"id":43,"a":"\u0000"}`;
    const { refused } = await destination().deliver(batch(texts, 2), never);
    const rejected = [43, 7, 42, 107, 207, 307, 407, 500, 507, 607, 707, 807, 907];
    const numberOf = ({ record }: (typeof refused)[number]) =>
      Number(/\d+/.exec(Buffer.from(record.data).toString())?.[0]);
    assert.deepEqual(refused.map(numberOf).toSorted(ascending), rejected.toSorted(ascending));
    assert.match(
      refused.find((one) => numberOf(one) === 500)?.errorMessage ?? '',
      /rejects the row: not 500/,
    );
    const kept = Array.from({ length: 1_001 }, (_, id) => id).filter((id) => !rejected.includes(id));
    assert.deepEqual(await ids(), kept);
    const [{ count } = {}] = await query('SELECT count(*) FROM orders_errors');
    assert.equal(Number(count), rejected.length);
  });

  test('takes names that need quotes, in a schema, and works without the right to create tables', async () => {
    const table = { schema: 'a "b"; --', name: `t'"\\`, columns: [column('sel"ect', 'text', { path: '$' })] };
    const { destination, query, name } = await newDatabase(table);
    await query('CREATE SCHEMA "a ""b""; --"');
    await destination().deliver(batch(['x']), never);
    await query(`CREATE ROLE writer LOGIN PASSWORD 'w'; GRANT USAGE ON SCHEMA "a ""b""; --" TO writer;
      GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA "a ""b""; --" TO writer`);
    const url = `postgresql://writer:w@127.0.0.1:${cluster.port}/${name}`;
    await destination({ url }).deliver(batch(['y'], 2), never);
    assert.deepEqual(await query(`SELECT "sel""ect" AS v FROM "a ""b""; --"."t'""\\" ORDER BY 1`), [
      { v: 'x' },
      { v: 'y' },
    ]);
    const absent = { ...table, name: 'absent' };
    await assert.rejects(destination({ url, table: absent }).deliver(batch(['z'], 3), never), {
      code: 'Database.Failed',
      message: /permission denied/,
    });
  });

  test('waits while the table has other columns, and goes on when it has not', async () => {
    const { destination, query, ids } = await newDatabase(orders);
    await query('CREATE TABLE orders (id text, shard_id text, must text NOT NULL, note text)');
    const waiting = destination();
    await assert.rejects(waiting.deliver(batch(numbers(1, 1)), never), {
      code: 'Database.TableDiffers',
      message:
        'The table "orders" differs from its declaration: it has no column sequence_number; it has no column ' +
        'sub_sequence_number; it has no column arrived_at; the column id is text, not bigint; the column must needs a ' +
        'value in each row.',
    });
    await query('DROP TABLE orders');
    await waiting.deliver(batch(numbers(1, 1)), never);
    await query('DROP TABLE orders');
    await assert.rejects(waiting.deliver(batch(numbers(2, 1), 2), never), { code: 'Database.Failed' });
    await waiting.deliver(batch(numbers(2, 1), 2), never);
    assert.deepEqual(await ids(), [2]);
  });

  test('commits to the disk, whatever the default of the database', async () => {
    const { destination, query, name } = await newDatabase(orders);
    await query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await destination().deliver(batch(numbers(1, 1)), never);
    await query("ALTER TABLE orders ADD COLUMN mode text DEFAULT current_setting('synchronous_commit')");
    await destination().deliver(batch(numbers(2, 1), 2), never);
    const [row] = await query('SELECT mode FROM orders WHERE id = 2');
    assert.equal(row?.['mode'], 'on');
  });

  test('verifies the server, its name and the password, and tells no secret', async () => {
    const { destination, name } = await newDatabase(orders);
    const folder = await temporaryFolder();
    const file = join(folder, 'password');
    await writeFile(file, `${PASSWORD}\n`);
    const url = (host: string, rest: string) => `postgresql://owner@${host}:${cluster.port}/${name}?${rest}`;
    const verified = `sslmode=verify-full&sslrootcert=${encodeURIComponent(cluster.caFile)}`;
    const password = { file };
    await destination({ url: url('localhost', verified), password }).deliver(batch(numbers(1, 1)), never);
    const failures: [More, string][] = [
      [{ url: url('127.0.0.1', verified), password }, 'Database.Unreachable'],
      [{ url: url('localhost', 'sslmode=verify-full'), password }, 'Database.Unreachable'],
      [{ url: url('localhost', 'sslmode=prefer'), password }, 'Database.InvalidAddress'],
      [{ url: url('localhost', 'host=/run'), password }, 'Database.InvalidAddress'],
      [{ url: `postgresql://owner:${PASSWORD}` }, 'Database.InvalidAddress'],
      [
        { url: url('localhost', verified), password: { file: join(folder, 'none') } },
        'Database.InvalidAddress',
      ],
      [{ url: `postgresql://owner:wr0ng@localhost:${cluster.port}/${name}` }, 'Database.Unreachable'],
      [{ url: url('localhost', '') }, 'Database.Unreachable'],
    ];
    for (const [more, code] of failures) {
      await assert.rejects(destination(more).deliver(batch(numbers(2, 1), 2), never), (error: Error) => {
        assert.equal('code' in error && error.code, code, error.message);
        assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /s3cr3t|wr0ng/);
        return true;
      });
    }
  });

  test('holds to the rules of egress, and ends a silent connection when it is stopped', async () => {
    const { destination, name } = await newDatabase(orders);
    const strict = new Egress({ allowed: [], ownPort: () => undefined, refuseLoopback: true });
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = `postgresql://owner:x@${host}:${cluster.port}/${name}`;
      await assert.rejects(destination({ egress: strict, url }).deliver(batch(numbers(1, 1)), never), {
        name: 'EgressRefusedError',
      });
    }
    const proxy = await startProxy(cluster.port);
    const through = destination({ url: cluster.url(name).replace(`:${cluster.port}/`, `:${proxy.port}/`) });
    await through.deliver(batch(numbers(1, 1)), never);
    proxy.stall();
    const stopping = new AbortController();
    const waiting = through.deliver(batch(numbers(2, 1), 2), stopping.signal);
    stopping.abort(new Error('stopping'));
    await assert.rejects(waiting, /stopping/);
    await proxy.close();
  });

  test('has each record once, in order, however often the database and the server are killed', async () => {
    const { name, query } = await newDatabase(orders);
    await query(`CREATE TABLE orders (shard_id text, sequence_number numeric, sub_sequence_number integer,
      arrived_at timestamptz, id bigint, written bigserial)`);
    const folder = await temporaryFolder();
    const database = {
      postgresql: { url: { environment: 'ORDERS_DATABASE' } },
      table: 'orders',
      columns: { id: { type: 'bigint', required: true } },
      bufferingHints: { sizeInMBs: 1, intervalInSeconds: 0 },
    };
    const content = {
      streams: { orders: { shardCount: 2 } },
      deliveryStreams: { orders: { stream: 'orders', startingPosition: 'TRIM_HORIZON', database } },
    };
    const file = join(folder, 'nagare.yaml');
    await writeFile(file, JSON.stringify(content));
    await using server = await spawnServer({
      args: ['--config', file],
      env: { ORDERS_DATABASE: cluster.url(name) },
    });
    const kinesis = new KinesisClient(clientOptions(server.endpoint));
    const pick = seededPick(runSeed());
    let put = 0;
    const putSome = async () => {
      const Records = Array.from({ length: 100 }, (_, index) => ({
        Data: Buffer.from((put + index) % 50 === 49 ? `bad ${put + index}` : `{"id":${put + index}}`),
        PartitionKey: String((put + index) % 7),
      }));
      const { FailedRecordCount } = await kinesis.send(
        new PutRecordsCommand({ StreamName: 'orders', Records }),
      );
      assert.equal(FailedRecordCount, 0);
      put += 100;
    };
    for (let round = 0; round < 6; round++) {
      for (let turn = 0; turn < 4; turn++) await putSome();
      const delayMs = pick(40);
      await new Promise((resolve) => void setTimeout(resolve, delayMs));
      if (round % 3 !== 2) await cluster.kill();
      if (round % 3 !== 0) await server.kill();
      await Promise.all([cluster.start(), round % 3 !== 0 && server.start()]);
    }
    await runCommand(['delivery', 'retry', 'orders', '--endpoint', server.endpoint]);
    const all = () => query('SELECT id, shard_id, sequence_number::text AS sequence FROM orders');
    const expected = Array.from({ length: put }, (_, id) => id).filter((id) => id % 50 !== 49);
    const rows = await until(
      async () => {
        const found = await all();
        return found.length >= expected.length && found;
      },
      { withinMs: 60_000, pauseMs: 100 },
    );
    assert.deepEqual(rows.map(({ id }) => Number(id)).toSorted(ascending), expected);
    const inOrder = await query(
      'SELECT shard_id, sequence_number::text AS sequence FROM orders ORDER BY written',
    );
    for (const [, shard] of Map.groupBy(inOrder, ({ shard_id }) => shard_id)) {
      const sequences = shard.map(({ sequence }) => String(sequence));
      assert.deepEqual(sequences, sequences.toSorted());
    }
    const [{ count } = {}] = await until(async () => {
      const counted = await query('SELECT count(*) FROM orders_errors');
      return Number(counted[0]?.['count']) >= put / 50 && counted;
    });
    assert.equal(Number(count), put / 50);
    kinesis.destroy();
  });
});

function ascending(left: number, right: number): number {
  return left - right;
}
