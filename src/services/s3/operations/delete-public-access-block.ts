import type { DeletePublicAccessBlockRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes the bucket's public access block, including the default. */
export async function deletePublicAccessBlock(
  context: S3Context,
  input: Checked<DeletePublicAccessBlockRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (info) => ({ ...info, publicAccessBlock: null }));
}
