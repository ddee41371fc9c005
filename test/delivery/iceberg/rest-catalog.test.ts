import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IcebergError } from '../../../src/delivery/iceberg/errors.ts';
import { catalogClient } from '../../../src/delivery/iceberg/catalog-client.ts';
import { icebergLimits } from '../../../src/delivery/iceberg/limits.ts';
import { Egress } from '../../../src/support/egress.ts';
import { IcebergWorld, signal } from './world.ts';

const name = { database: 'a b', table: 't/1' };

const failsWith = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof IcebergError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

test('requests the configuration of the warehouse, and uses its prefix and the current token', async () => {
  await using world = await IcebergWorld.start();
  world.double.config = {
    defaults: { prefix: 'x' },
    overrides: { prefix: 'ws/1', 's3.endpoint': 'http://s3' },
  };
  world.double.create('a b.t/1', []);
  let tokens = 0;
  const catalog = world.catalog({
    warehouse: 's3://w/',
    token: () => Promise.resolve(`token-${++tokens}`),
    wantsCredentials: true,
  });
  const loaded = await catalog.load(name, 'refs', signal);
  await catalog.load(name, 'all', signal);
  assert.deepEqual(world.double.requests, [
    'GET /v1/config?warehouse=s3%3A%2F%2Fw%2F',
    'GET /v1/ws/1/namespaces/a%20b/tables/t%2F1?snapshots=refs',
    'GET /v1/ws/1/namespaces/a%20b/tables/t%2F1?snapshots=all',
  ]);
  assert.deepEqual(
    world.double.headers.map(({ authorization }) => authorization),
    ['Bearer token-1', 'Bearer token-2', 'Bearer token-3'],
  );
  assert.equal(world.double.headers[1]?.['x-iceberg-access-delegation'], 'vended-credentials');
  assert.equal(loaded?.config['s3.endpoint'], 'http://s3');
});

test("distinguishes the catalog's refusals from transient failures", async () => {
  await using world = await IcebergWorld.start();
  const answers: [status: number, body: string, code: string, message: RegExp][] = [
    [
      403,
      '{"error":{"message":"no","type":"ForbiddenException"}}',
      'Iceberg.CatalogRefused',
      /403: ForbiddenEx/,
    ],
    [401, 'who?', 'Iceberg.CatalogRefused', /status 401: who\?/],
    [503, '<html>', 'Iceberg.CatalogUnavailable', /status 503: <html>/],
    [429, '', 'Iceberg.CatalogUnavailable', /status 429/],
    [200, '<html>', 'Iceberg.CatalogUnavailable', /response is not a JSON object/],
    [200, '{"metadata":{}}', 'Iceberg.UnsupportedTable', /format version undefined/],
    [200, '{"metadata":{"format-version":2}}', 'Iceberg.CatalogUnavailable', /metadata cannot be read/],
  ];
  for (const [status, body, code, message] of answers) {
    world.double.answer = (path) => (path.endsWith('/config') ? undefined : { status, body });
    await assert.rejects(world.catalog().load(name, 'refs', signal), failsWith(code, message));
  }
});

test('bounds the response', async () => {
  await using world = await IcebergWorld.start();
  const body = ' '.repeat(icebergLimits.catalogResponseBytesMax + 1);
  world.double.answer = () => ({ status: 200, body });
  await assert.rejects(
    world.catalog().load(name, 'refs', signal),
    failsWith('Iceberg.CatalogUnavailable', /larger than 67108864 bytes/),
  );
});

test('does not connect to addresses that the egress rules forbid', async () => {
  await using world = await IcebergWorld.start();
  const port = Number(new URL(world.double.url).port);
  const http = catalogClient(new Egress({ allowed: [], ownPort: () => port, refuseLoopback: false }));
  await assert.rejects(
    world.catalog({ http }).load(name, 'refs', signal),
    failsWith('Iceberg.CatalogUnavailable', /it is nagare itself/),
  );
  assert.deepEqual(world.double.requests, []);
  http.close();
});
