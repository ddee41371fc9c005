import type { GetBucketWebsiteRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchWebsite } from '../errors.ts';

/** The website of a bucket: there is none, so this is always NoSuchWebsiteConfiguration. */
export function getBucketWebsite(context: S3Context, input: Checked<GetBucketWebsiteRequest>): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchWebsite(input.Bucket);
}
