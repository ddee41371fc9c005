import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectAclCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { refused } from './expect.ts';
import { startTestStorage, type TestStorage } from './support.ts';

/** Terraform reads all of these of every bucket, each time; the answers are AWS's for a bucket that was just made. */
describe('the configuration of a bucket', () => {
  let storage: TestStorage;
  const Bucket = 'bucket';
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => storage.close());

  // The error codes as LocalStack's snapshots of test_s3_api.py and test_s3.py recorded them on AWS.
  it('has its own error code where it was never set', async () => {
    for (const [Command, code] of [
      [GetBucketCorsCommand, 'NoSuchCORSConfiguration'],
      [GetBucketLifecycleConfigurationCommand, 'NoSuchLifecycleConfiguration'],
      [GetBucketPolicyCommand, 'NoSuchBucketPolicy'],
      [GetBucketPolicyStatusCommand, 'NoSuchBucketPolicy'],
      [GetBucketWebsiteCommand, 'NoSuchWebsiteConfiguration'],
      [GetBucketReplicationCommand, 'ReplicationConfigurationNotFoundError'],
      [GetObjectLockConfigurationCommand, 'ObjectLockConfigurationNotFoundError'],
      [GetBucketTaggingCommand, 'NoSuchTagSet'],
      [GetBucketEncryptionCommand, 'ServerSideEncryptionConfigurationNotFoundError'],
    ] as const) {
      // One union of commands, of which each is a command of the client.
      const send = (name: string) =>
        storage.client.send(new Command({ Bucket: name }) as GetBucketCorsCommand);
      await refused(send(Bucket), code, 404, { BucketName: Bucket });
      await refused(send('nowhere'), 'NoSuchBucket', 404);
    }
  });

  it('is empty where nothing can be enabled', async () => {
    const { client } = storage;
    assert.equal((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
    assert.equal(
      (await client.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status,
      undefined,
    );
    assert.equal((await client.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled, undefined);
    const { $metadata: _, ...notifications } = await client.send(
      new GetBucketNotificationConfigurationCommand({ Bucket }),
    );
    assert.deepEqual(notifications, {});
    assert.equal((await client.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer, 'BucketOwner');
  });

  it('gives its owner full control', async () => {
    const { client } = storage;
    await client.send(new PutObjectCommand({ Bucket, Key: 'key' }));
    for (const command of [
      new GetBucketAclCommand({ Bucket }),
      new GetObjectAclCommand({ Bucket, Key: 'key' }),
    ]) {
      const { Owner, Grants } = await client.send(command as GetBucketAclCommand);
      assert.deepEqual(Grants, [
        { Grantee: { ID: Owner?.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' },
      ]);
    }
    await refused(client.send(new GetObjectAclCommand({ Bucket, Key: 'none' })), 'NoSuchKey', 404);
  });

  it('cannot enable versioning, by name', async () => {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    const call = storage.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    await refused(call, 'NotImplemented', 501);
  });

  // AWS blocks public access and enforces the bucket's owner on every new bucket since April 2023.
  it('stores and returns public access block and ownership controls', async () => {
    const { client } = storage;
    const blocked = async () =>
      (await client.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
    const all = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    assert.deepEqual(await blocked(), all);
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
    await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    assert.deepEqual(await blocked(), {
      ...all,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    });
    await client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await refused(blocked(), 'NoSuchPublicAccessBlockConfiguration', 404);

    const owns = async () =>
      (await client.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls?.Rules;
    assert.deepEqual(await owns(), [{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    const Rules = [{ ObjectOwnership: 'ObjectWriter' as const }];
    await client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules } }));
    assert.deepEqual(await owns(), Rules);
    await client.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    await refused(owns(), 'OwnershipControlsNotFoundError', 404);
  });

  it('has tags', async () => {
    const { client } = storage;
    const TagSet = [{ Key: 'team', Value: 'a b' }];
    const put = (tags: typeof TagSet) =>
      client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tags } }));
    await put(TagSet);
    assert.deepEqual((await client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, TagSet);
    const one = { Key: 'k', Value: 'v' };
    await refused(put([one, one]), 'InvalidTag', 400, { TagKey: 'k' });
    await refused(put([{ Key: 'aws:k', Value: 'v' }]), 'InvalidTag', 400);
    await refused(put([{ Key: 'k', Value: '?' }]), 'InvalidTag', 400, { TagValue: '?' });
    await client.send(new DeleteBucketTaggingCommand({ Bucket }));
    await refused(client.send(new GetBucketTaggingCommand({ Bucket })), 'NoSuchTagSet', 404);

    const tagged = { Bucket: 'tagged', CreateBucketConfiguration: { Tags: TagSet } };
    await client.send(new CreateBucketCommand(tagged));
    const { TagSet: given } = await client.send(new GetBucketTaggingCommand({ Bucket: 'tagged' }));
    assert.deepEqual(given, TagSet);
  });
});
