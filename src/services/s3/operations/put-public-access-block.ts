import type { PutPublicAccessBlockRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Stores which public access a bucket blocks. It has no other effect, because there is no public access. */
export async function putPublicAccessBlock(
  context: S3Context,
  input: Checked<PutPublicAccessBlockRequest>,
): Promise<void> {
  const {
    BlockPublicAcls = false,
    IgnorePublicAcls = false,
    BlockPublicPolicy = false,
    RestrictPublicBuckets = false,
  } = input.PublicAccessBlockConfiguration;
  const publicAccessBlock = { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets };
  await context.buckets.change(input.Bucket, (info) => ({ ...info, publicAccessBlock }));
}
