import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newDatabaseSettings } from '../../../../src/services/firehose/configuration/database.ts';

/** The position of the delivery is in the file: another machine would begin a second one. */
test('SQLite is refused where several machines share a log', () => {
  const declared = { sqlite: { folder: '.', file: 'orders.db' }, table: 'orders' };
  const context = { baseDir: '/', environment: {} };
  assert.deepEqual(newDatabaseSettings(declared, context).database, { type: 'sqlite', file: '/orders.db' });
  assert.throws(
    () => newDatabaseSettings(declared, { ...context, sharesLog: true }),
    /use database.postgresql/,
  );
});
