import type { GetBucketReplicationRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchReplication } from '../errors.ts';

/** Always ReplicationConfigurationNotFoundError: replication is not supported. */
export function getBucketReplication(context: S3Context, input: Checked<GetBucketReplicationRequest>): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchReplication(input.Bucket);
}
