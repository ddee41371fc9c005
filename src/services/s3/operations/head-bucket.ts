import type { HeadBucketOutput, HeadBucketRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns whether a bucket exists, and its region. */
export function headBucket(context: S3Context, input: Checked<HeadBucketRequest>): HeadBucketOutput {
  context.objects.requireBucket(input.Bucket);
  return { BucketRegion: context.region, BucketArn: `arn:aws:s3:::${input.Bucket}`, AccessPointAlias: false };
}
