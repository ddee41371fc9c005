import type { DeletePublicAccessBlockRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Removes what was put by PutPublicAccessBlock, and the default as well. */
export async function deletePublicAccessBlock(
  context: S3Context,
  input: Checked<DeletePublicAccessBlockRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (facts) => ({ ...facts, publicAccessBlock: null }));
}
