import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

describe('CreateBucket', () => {
  let storage: TestStorage;
  before(async () => (storage = await startTestStorage()));
  after(() => storage.close());

  it('makes a bucket', async () => {
    const { Location } = await storage.client.send(new CreateBucketCommand({ Bucket: 'made' }));
    assert.equal(Location, '/made');
    const { Buckets } = await storage.client.send(new ListBucketsCommand({}));
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      ['made'],
    );
  });

  it('can be repeated in us-east-1, and not elsewhere, as on AWS', async () => {
    await storage.client.send(new CreateBucketCommand({ Bucket: 'again' }));
    await storage.client.send(new CreateBucketCommand({ Bucket: 'again' }));
    const elsewhere = await startTestStorage({ region: 'eu-central-1' });
    await elsewhere.client.send(new CreateBucketCommand({ Bucket: 'again' }));
    await refused(
      elsewhere.client.send(new CreateBucketCommand({ Bucket: 'again' })),
      'BucketAlreadyOwnedByYou',
      409,
    );
    await elsewhere.close();
  });

  it('refuses names that S3 does not accept', async () => {
    for (const name of [
      'ab',
      'Upper',
      'under_score',
      'a..b',
      '-a-b',
      '192.168.1.1',
      'xn--bucket',
      'a'.repeat(64),
    ]) {
      await refused(storage.client.send(new CreateBucketCommand({ Bucket: name })), 'InvalidBucketName', 400);
    }
  });

  const send = (options: object) =>
    storage.client.send(new CreateBucketCommand({ Bucket: 'optional', ...options }));

  it('refuses unsupported options by name', async () => {
    await refused(send({ ACL: 'public-read' }), 'NotImplemented', 501);
    await refused(send({ ObjectLockEnabledForBucket: true }), 'NotImplemented', 501);
    await send({ ACL: 'private' });
  });
});
