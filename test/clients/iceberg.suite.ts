/** Appends to tables of Apache Iceberg's own REST catalog, with their files in nagare, and reads them by pyiceberg. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DeliveryRecord } from '../../src/delivery/destination.ts';
import { EncodingThread } from '../../src/delivery/iceberg/encoding-thread.ts';
import { catalogClient } from '../../src/delivery/iceberg/catalog-client.ts';
import type { HttpClient } from '../../src/support/http-json.ts';
import { RestCatalog } from '../../src/delivery/iceberg/rest-catalog.ts';
import { TableFiles } from '../../src/delivery/iceberg/table-files.ts';
import { IcebergTables } from '../../src/delivery/iceberg/tables.ts';
import { TableWriter } from '../../src/delivery/iceberg/table-writer.ts';
import { openRemoteStore, type RemoteStore } from '../../src/services/s3/remote-store.ts';
import { systemClock } from '../../src/support/clock.ts';
import { Egress } from '../../src/support/egress.ts';
import { silentLog } from '../../src/support/log.ts';
import { spawnServer, type ServerProcess } from '../support/server.ts';
import { programPath, runTool } from '../support/tools.ts';
import { type CatalogProcess, startRestCatalog } from './iceberg/rest-catalog.ts';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const script = fileURLToPath(new URL('iceberg/read.py', import.meta.url));

/** What is missing to run this, or false: a skip, which under CI=true is a failure. */
function missing(): string | false {
  const absent = ['mvn', 'java', 'pyiceberg'].filter((program) => programPath(program) === undefined);
  if (absent.length === 0) return false;
  const reason = `not installed: ${absent.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

describe('tables of a REST catalog', { skip: missing() }, () => {
  let server: ServerProcess;
  let catalogProcess: CatalogProcess;
  let store: RemoteStore;
  let http: HttpClient;
  let catalog: RestCatalog;

  before(async () => {
    server = await spawnServer();
    store = await openRemoteStore({ endpoint: server.endpoint, credentials });
    await store.createBucket('lake');
    catalogProcess = await startRestCatalog(server.endpoint, 's3://lake/warehouse');
    http = catalogClient(new Egress({ allowed: [], ownPort: () => undefined, refuseLoopback: false }));
    catalog = new RestCatalog({ url: catalogProcess.url, wantsCredentials: false, http, clock: systemClock });
    await catalog.createNamespace('events', AbortSignal.timeout(20_000));
  });
  after(async () => {
    http?.close();
    store?.close();
    await catalogProcess?.close();
    await server?.close();
  });

  const encoding = new EncodingThread(silentLog);
  after(() => encoding.close());
  const signal = AbortSignal.timeout(10 * 60_000);
  const writer = (table: string, addsColumns = false) =>
    new TableWriter({
      catalog,
      name: { database: 'events', table },
      filesOf: () => Promise.resolve(new TableFiles(store)),
      addsColumns,
      encoding,
      clock: systemClock,
    });

  const create = (table: string, fields: readonly object[], partitions: readonly object[] = []) =>
    catalog.createTable(
      { database: 'events', table },
      {
        schema: { type: 'struct', 'schema-id': 0, fields },
        'partition-spec': { 'spec-id': 0, fields: partitions },
        properties: { 'format-version': '2' },
      },
      signal,
    );

  async function read(table: string, ...filter: string[]) {
    const printed = await runTool('python3', [
      script,
      catalogProcess.url,
      server.endpoint,
      table.includes('.') ? table : `events.${table}`,
      ...filter,
    ]);
    return JSON.parse(printed) as {
      rows: Record<string, unknown>[];
      schema: Record<string, string>;
      spec: string[];
      snapshots: Record<string, string>[];
      files: { path: string; records: number; partition: unknown[] }[];
      properties: Record<string, string>;
    };
  }

  test('keeps every type exactly', async () => {
    const simple = ['boolean', 'int', 'long', 'float', 'double', 'date', 'time', 'timestamp', 'timestamptz'];
    const types: unknown[] = [...simple, 'string', 'uuid', 'fixed[3]', 'binary'];
    types.push('decimal(9, 2)', 'decimal(18, 3)', 'decimal(38, 10)');
    const inner = { id: 101, name: 'x', type: 'decimal(10, 2)', required: false };
    types.push({ type: 'struct', fields: [inner, { id: 102, name: 'y', type: 'string', required: false }] });
    types.push({ type: 'list', 'element-id': 103, element: 'long', 'element-required': false });
    types.push({
      type: 'map',
      'key-id': 104,
      key: 'string',
      'value-id': 105,
      value: 'int',
      'value-required': false,
    });
    await create(
      'types',
      types.map((type, index) => ({ id: index + 1, name: `c${index + 1}`, type, required: false })),
    );
    const record =
      '{"c1":true,"c2":-2147483648,"c3":9223372036854775807,"c4":1.5,"c5":0.1,"c6":"2024-02-29",' +
      '"c7":"23:59:59.999999","c8":"1969-12-31T23:59:59.000001","c9":"2024-01-31T23:59:59.5+02:00","c10":"häß€😀",' +
      '"c11":"6f1f6e1c-8a3e-4d9b-9a45-0a6c1f0b3c11","c12":"AQID","c13":"/w==","c14":1234567.89,' +
      '"c15":-123456789012345.678,"c16":1234567890123456789012345678.0123456789,' +
      '"c17":{"x":0.30,"y":"z","ignored":1},"c18":[1,null,9007199254740993],"c19":{"a":1,"b":null}}';
    const { refused, delivered } = await writer('types').append(
      range(1, 2),
      records([record, '{}'], 1),
      signal,
    );
    assert.deepEqual([delivered, refused], [2, []]);
    const { rows } = await read('types');
    assert.deepEqual(rows[0], {
      c1: true,
      c2: -2147483648,
      c3: '9223372036854775807',
      c4: 1.5,
      c5: 0.1,
      c6: '2024-02-29',
      c7: '23:59:59.999999',
      c8: '1969-12-31T23:59:59.000001',
      c9: '2024-01-31T21:59:59.500000+00:00',
      c10: 'häß€😀',
      c11: '6f1f6e1c-8a3e-4d9b-9a45-0a6c1f0b3c11',
      c12: 'AQID',
      c13: '/w==',
      c14: '1234567.89',
      c15: '-123456789012345.678',
      c16: '1234567890123456789012345678.0123456789',
      c17: { x: '0.30', y: 'z' },
      c18: [1, null, '9007199254740993'],
      c19: [
        ['a', 1],
        ['b', null],
      ],
    });
    assert.deepEqual([...new Set(Object.values(rows[1] ?? {}))], [null]);
  });

  test('keeps the order of records, and stores a repeated batch once', async () => {
    await create('ordered', [{ id: 1, name: 'n', type: 'long', required: true }]);
    const batch = (first: number) => numbers(first, 500).map((n) => `{"n":${n}}`);
    await writer('ordered').append(range(1, 500), records(batch(0), 1), signal);
    const again = await writer('ordered').append(range(1, 500), records(batch(0), 1), signal);
    assert.deepEqual([again.delivered, again.bytes], [500, 0]);
    const mixed = [...batch(500), 'no json', '{"n":"text"}', '{"m":1}'];
    const { refused } = await writer('ordered').append(range(501, 1003), records(mixed, 501), signal);
    assert.deepEqual(
      refused.map(({ errorCode }) => errorCode),
      ['Iceberg.InvalidJson', 'Iceberg.TypeMismatch', 'Iceberg.MissingColumnWithinRecord'],
    );
    const { rows, snapshots, properties } = await read('ordered');
    assert.deepEqual(
      rows.map(({ n }) => Number(n)).toSorted((a, b) => a - b),
      numbers(0, 1000),
    );
    assert.equal(snapshots.length, 2);
    assert.equal(snapshots[1]?.['operation'], 'append');
    assert.equal(snapshots[1]?.['total-records'], '1000');
    assert.equal(properties['nagare.position.test/shardId-0'], '1003');
  });

  test('writes each partition to separate files, for every time transform', async () => {
    const fields = [
      { id: 1, name: 'at', type: 'timestamptz', required: true },
      { id: 2, name: 'who', type: 'string', required: false },
    ];
    const transforms = ['year', 'month', 'day', 'hour'];
    const partitions = transforms.map((transform) => ({
      'source-id': 1,
      name: `at_${transform}`,
      transform,
    }));
    await create('parted', fields, [...partitions, { 'source-id': 2, name: 'who', transform: 'identity' }]);
    const given = [
      '{"at":"1969-12-31T23:30:00Z","who":"a"}',
      '{"at":"2024-02-29T01:00:00Z","who":"a"}',
      '{"at":"2024-02-29T01:59:59Z","who":"a"}',
      '{"at":"2024-02-29T01:59:59Z","who":"b/ü"}',
      '{"at":"2024-02-29T02:00:00Z"}',
    ];
    await writer('parted').append(range(1, 5), records(given, 1), signal);
    const { rows, files } = await read('parted');
    assert.equal(rows.length, 5);
    assert.deepEqual(
      files.map(({ partition, records: count }) => [...partition, count]).toSorted(byText),
      [
        [-1, -1, -1, -1, 'a', 1],
        [54, 649, 19_782, 474_769, 'a', 2],
        [54, 649, 19_782, 474_769, 'b/ü', 1],
        [54, 649, 19_782, 474_770, null, 1],
      ].toSorted(byText),
    );
    const filtered = await read('parted', "at >= '2024-02-29T01:30:00+00:00' and who = 'a'");
    assert.equal(filtered.rows.length, 1);
    assert.equal(filtered.files.length, 1);
  });

  test('adds columns for new keys, and earlier rows have no value', async () => {
    await create('growing', [{ id: 1, name: 'id', type: 'long', required: true }]);
    await writer('growing', true).append(range(1, 1), records(['{"id":1}'], 1), signal);
    const more = [
      '{"id":2,"name":"x","size":{"w":1,"h":2.5},"tags":["a"],"seen":null}',
      '{"ID":3,"name":"y"}',
    ];
    await writer('growing', true).append(range(2, 3), records(more, 2), signal);
    const { rows, schema } = await read('growing');
    assert.deepEqual(Object.keys(schema), ['id', 'name', 'size', 'tags']);
    assert.equal(schema['tags'], 'list<string>');
    assert.deepEqual(
      rows.toSorted((a, b) => Number(a['id']) - Number(b['id'])),
      [
        { id: 1, name: null, size: null, tags: null },
        { id: 2, name: 'x', size: { w: 1, h: 2.5 }, tags: ['a'] },
        { id: 3, name: 'y', size: null, tags: null },
      ],
    );
  });

  test('shares a table with another writer, which appends and deletes', async () => {
    await create('shared', [{ id: 1, name: 'n', type: 'long', required: false }]);
    await writer('shared').append(range(1, 3), records(['{"n":1}', '{"n":2}', '{"n":3}'], 1), signal);
    const script = `
import sys, pyarrow as pa
from pyiceberg.catalog.rest import RestCatalog
catalog = RestCatalog("test", uri=sys.argv[1], **{"s3.endpoint": sys.argv[2], "s3.access-key-id": "a",
    "s3.secret-access-key": "b", "s3.region": "us-east-1"})
table = catalog.load_table("events.shared")
table.append(pa.table({"n": pa.array([10], pa.int64())}))
table.delete("n == 2")
`;
    await runTool('python3', ['-c', script, catalogProcess.url, server.endpoint]);
    await writer('shared').append(range(4, 4), records(['{"n":4}'], 4), signal);
    await writer('shared').append(range(1, 3), records(['{"n":1}', '{"n":2}', '{"n":3}'], 1), signal);
    const { rows } = await read('shared');
    assert.deepEqual(
      rows.map(({ n }) => Number(n)).toSorted((a, b) => a - b),
      [1, 3, 4, 10],
    );
  });

  test('creates a table with its partitions where it is told to', async () => {
    const arn = 'arn:aws:s3tables:us-east-1:000000000000:bucket/lake';
    const stores = { own: store, open: () => Promise.reject(new Error('not used')) };
    const tables = new IcebergTables({
      http,
      stores,
      encoding,
      clock: systemClock,
      declared: Promise.resolve(),
    });
    tables.declare({ arn, url: catalogProcess.url, files: 'server' });
    const target = {
      catalogArn: arn,
      name: { database: 'created', table: 'clicks' },
      addsColumns: true,
      codec: 'SNAPPY' as const,
      create: {
        partitions: [
          { name: 'at', transform: 'hour' as const },
          { name: 'kind', transform: 'identity' as const },
        ],
        location: 's3://lake/elsewhere/clicks',
      },
    };
    const first = [
      '{"at":"2024-02-29T01:30:00Z","kind":"a","n":1}',
      '{"at":"2024-02-29T02:30:00Z","kind":"b"}',
    ];
    await tables.append(target, range(1, 2), records(first, 1), signal);
    const second = ['{"at":"2024-02-29T04:30:00+00:00","kind":"a","n":2,"who":"x"}'];
    await tables.append(target, range(3, 3), records(second, 3), signal);
    const { rows, spec, schema, files } = await read('created.clicks');
    assert.deepEqual(spec, ['hour', 'identity']);
    assert.equal(schema['at'], 'timestamptz');
    assert.deepEqual(rows.map(({ kind, n, who }) => [kind, n, who]).toSorted(byText), [
      ['a', 1, null],
      ['a', 2, 'x'],
      ['b', null, null],
    ]);
    assert.equal(files.length, 3);
    assert.ok(
      files.some(({ path }) =>
        path.startsWith('s3://lake/elsewhere/clicks/data/at_hour=2024-02-29-01/kind=a/'),
      ),
    );
  });
});

function byText(left: unknown, right: unknown): number {
  return String(left) < String(right) ? -1 : 1;
}

function numbers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function range(first: number, last: number) {
  return {
    deliveryId: 'test',
    shardId: 'shardId-0',
    firstSequenceNumber: `${first}`,
    lastSequenceNumber: `${last}`,
  };
}

function records(texts: readonly string[], first: number): DeliveryRecord[] {
  return texts.map((text, index) => ({
    data: Buffer.from(text),
    arrivalMs: 0,
    shardId: 'shardId-0',
    sequenceNumber: `${first + index}`,
    subSequenceNumber: 0,
    partitionKey: 'p',
  }));
}
