import type { PutBucketOwnershipControlsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { malformedXml } from '../errors.ts';

/** Stores who owns objects that others put. It has no other effect, because all callers are one account. */
export async function putBucketOwnershipControls(
  context: S3Context,
  input: Checked<PutBucketOwnershipControlsRequest>,
): Promise<void> {
  const [rule, ...others] = input.OwnershipControls.Rules;
  if (rule === undefined || others.length > 0) throw malformedXml();
  const ownership = rule.ObjectOwnership;
  await context.buckets.change(input.Bucket, (info) => ({ ...info, ownership }));
}
