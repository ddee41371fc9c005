import type { PutBucketOwnershipControlsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { malformedXml } from '../errors.ts';

/** Keeps who owns objects that others put. All callers are one account here, so it changes nothing else. */
export async function putBucketOwnershipControls(
  context: S3Context,
  input: Checked<PutBucketOwnershipControlsRequest>,
): Promise<void> {
  const [rule, ...others] = input.OwnershipControls.Rules;
  if (rule === undefined || others.length > 0) throw malformedXml();
  const ownership = rule.ObjectOwnership;
  await context.buckets.change(input.Bucket, (facts) => ({ ...facts, ownership }));
}
