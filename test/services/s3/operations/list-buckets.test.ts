import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, ListBucketsCommand, paginateListBuckets } from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage, type TestStorage } from '../support.ts';

describe('ListBuckets', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    for (const name of ['bbb', 'aaa', 'abc'])
      await storage.client.send(new CreateBucketCommand({ Bucket: name }));
  });
  after(() => storage.close());

  it('returns them by name, in pages, by prefix', async () => {
    const { Buckets, Owner } = await storage.client.send(new ListBucketsCommand({}));
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      ['aaa', 'abc', 'bbb'],
    );
    assert.equal(Buckets?.[0]?.BucketArn, 'arn:aws:s3:::aaa');
    assert.equal(Owner?.ID, '000000000000');
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateListBuckets({ client: storage.client, pageSize: 2 }, {})) {
      pages.push(page.Buckets?.map(({ Name }) => Name) ?? []);
    }
    assert.deepEqual(pages, [['aaa', 'abc'], ['bbb']]);
    const prefixed = await storage.client.send(new ListBucketsCommand({ Prefix: 'a' }));
    assert.equal(prefixed.Buckets?.length, 2);
    const elsewhere = new ListBucketsCommand({ BucketRegion: 'eu-central-1' });
    assert.equal((await storage.client.send(elsewhere)).Buckets?.length ?? 0, 0);
    // LocalStack's snapshot test_list_buckets_by_bucket_region, recorded on AWS.
    await refused(
      storage.client.send(new ListBucketsCommand({ BucketRegion: 'eu-east-1' })),
      'InvalidArgument',
      400,
    );
  });
});
