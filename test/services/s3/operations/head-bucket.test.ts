import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CreateBucketCommand, GetBucketLocationCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { refused } from '../expect.ts';
import { startTestStorage } from '../support.ts';

describe('HeadBucket and GetBucketLocation', () => {
  for (const [region, location] of [
    ['us-east-1', undefined],
    ['eu-central-1', 'eu-central-1'],
  ] as const) {
    it(`report that a bucket is in ${region}`, async () => {
      const storage = await startTestStorage({ region });
      const { client } = storage;
      await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
      assert.equal((await client.send(new HeadBucketCommand({ Bucket: 'bucket' }))).BucketRegion, region);
      const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket: 'bucket' }));
      assert.equal(LocationConstraint, location);
      await refused(client.send(new HeadBucketCommand({ Bucket: 'nowhere' })), 'NotFound', 404);
      await refused(client.send(new GetBucketLocationCommand({ Bucket: 'nowhere' })), 'NoSuchBucket', 404);
      const owner = { Bucket: 'bucket', ExpectedBucketOwner: '111111111111' };
      await refused(client.send(new GetBucketLocationCommand(owner)), 'AccessDenied', 403);
      await storage.close();
    });
  }
});
