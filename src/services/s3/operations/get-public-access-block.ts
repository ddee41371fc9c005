import type { GetPublicAccessBlockOutput, GetPublicAccessBlockRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { ALL_BLOCKED } from '../bucket-defaults.ts';
import { noSuchPublicAccessBlock } from '../errors.ts';

/** Returns the public access block of a bucket; by default it blocks all. */
export function getPublicAccessBlock(
  context: S3Context,
  input: Checked<GetPublicAccessBlockRequest>,
): GetPublicAccessBlockOutput {
  const { publicAccessBlock = ALL_BLOCKED } = context.buckets.require(input.Bucket);
  if (publicAccessBlock === null) throw noSuchPublicAccessBlock(input.Bucket);
  return { PublicAccessBlockConfiguration: publicAccessBlock };
}
