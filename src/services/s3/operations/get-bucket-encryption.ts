import type { GetBucketEncryptionOutput, GetBucketEncryptionRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchEncryption } from '../errors.ts';

/**
 * Returns the default encryption of a bucket. ServerSideEncryptionConfigurationNotFoundError before
 * PutBucketEncryption, where AWS encrypts with AES256.
 */
export function getBucketEncryption(
  context: S3Context,
  input: Checked<GetBucketEncryptionRequest>,
): GetBucketEncryptionOutput {
  const { encryption } = context.buckets.require(input.Bucket);
  if (encryption === undefined) throw noSuchEncryption(input.Bucket);
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: encryption }, BucketKeyEnabled: false };
  return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
}
