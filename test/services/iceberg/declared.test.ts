import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { catalogClient } from '../../../src/delivery/iceberg/catalog-client.ts';
import { IcebergTables } from '../../../src/delivery/iceberg/tables.ts';
import { catalogDeclarer } from '../../../src/services/iceberg/declared.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { Egress } from '../../../src/support/egress.ts';
import { applyDeclared } from '../../support/declarations.ts';
import { FakeStore } from '../../support/fake-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const arn = 'arn:aws:glue:us-east-1:000000000000:catalog';

function setUp(environment: Record<string, string> = {}) {
  const http = catalogClient(new Egress({ allowed: [], ownPort: () => undefined, refuseLoopback: false }));
  const stores = { own: new FakeStore(Infinity), open: () => Promise.reject(new Error('not used')) };
  const encoding = { encode: () => Promise.reject(new Error('not used')) };
  const declared = Promise.resolve();
  const tables = new IcebergTables({ http, stores, encoding, clock: systemClock, declared });
  return { tables, declarer: catalogDeclarer(tables, environment) };
}

test('a catalog is found by its ARN, with the current token of the file', async () => {
  const { tables, declarer } = setUp();
  const baseDir = await temporaryFolder();
  await writeFile(join(baseDir, 'token'), 'first\n');
  const catalogs = {
    lake: { arn, url: 'http://127.0.0.1:8181', warehouse: 's3://w', token: { file: 'token' } },
  };
  await applyDeclared(declarer, { catalogs }, baseDir);
  const settings = tables.settings(arn);
  assert.equal(settings?.url, 'http://127.0.0.1:8181');
  assert.equal(settings.warehouse, 's3://w');
  assert.equal(settings.files, 'server');
  assert.equal(await settings.token?.(), 'first');
  await writeFile(join(baseDir, 'token'), 'second');
  assert.equal(await settings.token?.(), 'second');
});

test('a changed catalog replaces the previous one, and a removed one is gone', async () => {
  const { tables, declarer } = setUp({ TOKEN: 'secret' });
  const other = 'arn:aws:s3tables:us-east-1:000000000000:bucket/lake';
  await applyDeclared(declarer, { catalogs: { lake: { arn, url: 'http://a' } } });
  const changed = { arn: other, url: 'http://b', files: 'catalog', token: { environment: 'TOKEN' } };
  await applyDeclared(declarer, { catalogs: { lake: changed } });
  assert.equal(tables.settings(arn), undefined);
  assert.equal(await tables.settings(other)?.token?.(), 'secret');
  await (await declarer.find(['catalogs', 'lake']))?.remove();
  assert.equal(tables.settings(other), undefined);
  assert.equal(declarer.find(['catalogs', 'lake']), undefined);
});

test('invalid catalogs are refused with the reason', async () => {
  const cases: [content: object, message: RegExp][] = [
    [{ arn: 'arn:aws:s3:::bucket', url: 'http://a' }, /arn must be that of a Glue catalog/],
    [{ arn, url: 'a:8181' }, /url must be a URL such as/],
    [{ arn, url: 'http://a', token: {} }, /token must have either environment or file/],
    [
      { arn, url: 'http://a', token: { environment: 'NONE' } },
      /the environment variable NONE of the token is not/,
    ],
    [{ arn, url: 'http://a', token: { environment: 'A', file: 'b' } }, /either environment or file/],
    [{ arn, url: 'http://a', files: 'elsewhere' }, /files/],
    [{ arn, url: 'http://a', sigv4: true }, /sigv4.*unknown/],
    [{ url: 'http://a' }, /lacks "arn"/],
  ];
  for (const [lake, message] of cases) {
    await assert.rejects(applyDeclared(setUp().declarer, { catalogs: { lake } }), message);
  }
  const twice = { a: { arn, url: 'http://a' }, b: { arn, url: 'http://b' } };
  await assert.rejects(applyDeclared(setUp().declarer, { catalogs: twice }), /the same arn as the catalog b/);
});
