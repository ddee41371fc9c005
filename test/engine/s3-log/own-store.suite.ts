import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { logContract } from '../shared/log-contract.ts';
import { createBucket, newPrefix, openAt } from './stores.ts';

/** The store is another nagare. */
let server: TestServer;

before(async () => {
  server = await startTestServer();
  await createBucket(server.endpoint);
});

after(() => server.close());

logContract("S3 of nagare's own", () => {
  const prefix = newPrefix();
  return Promise.resolve({ open: () => openAt(server.endpoint, prefix) });
});

test('a bucket that does not exist is refused by name', async () => {
  await assert.rejects(
    openAt(server.endpoint, 'x/', 'other'),
    /bucket other of the shared log does not exist/,
  );
});
