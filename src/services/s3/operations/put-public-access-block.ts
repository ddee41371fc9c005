import type { PutPublicAccessBlockRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Sets which public access a bucket blocks: public policies. There are no public access control lists to block. */
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
