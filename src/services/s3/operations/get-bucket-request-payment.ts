import type { GetBucketRequestPaymentOutput, GetBucketRequestPaymentRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns that the owner pays for requests. */
export function getBucketRequestPayment(
  context: S3Context,
  input: Checked<GetBucketRequestPaymentRequest>,
): GetBucketRequestPaymentOutput {
  context.objects.requireBucket(input.Bucket);
  return { Payer: 'BucketOwner' };
}
