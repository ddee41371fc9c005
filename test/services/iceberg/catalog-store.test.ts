import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogStore } from '../../../src/services/iceberg/catalog-store.ts';
import { FakeStore } from '../../support/fake-store.ts';

test("opens the store that the catalog's S3FileIO properties describe", async () => {
  const opened: unknown[][] = [];
  const stores = {
    openRemote: (...store: unknown[]) => {
      opened.push(store);
      return Promise.resolve(new FakeStore(Infinity));
    },
  };
  await catalogStore({}, stores);
  await catalogStore({ 's3.endpoint': 'http://minio:9000', 's3.region': 'eu-west-1' }, stores);
  await catalogStore(
    {
      'client.region': 'eu-central-1',
      's3.access-key-id': 'id',
      's3.secret-access-key': 'secret',
      's3.session-token': 'session',
    },
    stores,
  );
  assert.deepEqual(opened, [
    ['https://s3.us-east-1.amazonaws.com', 'us-east-1'],
    ['http://minio:9000', 'eu-west-1'],
    [
      'https://s3.eu-central-1.amazonaws.com',
      'eu-central-1',
      { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'session' },
    ],
  ]);
});
