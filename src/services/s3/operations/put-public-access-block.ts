import type { PutPublicAccessBlockRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Keeps which public access a bucket is to block. There is none here, so it changes nothing else. */
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
  await context.buckets.change(input.Bucket, (facts) => ({ ...facts, publicAccessBlock }));
}
