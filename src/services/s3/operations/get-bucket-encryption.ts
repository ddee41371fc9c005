import type { GetBucketEncryptionOutput, GetBucketEncryptionRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchEncryption } from '../errors.ts';

/**
 * How objects of a bucket are encrypted that say nothing of it. They are not, so this is always
 * ServerSideEncryptionConfigurationNotFoundError; on AWS they are, by AES256.
 */
export function getBucketEncryption(
  context: S3Context,
  input: Checked<GetBucketEncryptionRequest>,
): GetBucketEncryptionOutput {
  context.objects.requireBucket(input.Bucket);
  throw noSuchEncryption(input.Bucket);
}
