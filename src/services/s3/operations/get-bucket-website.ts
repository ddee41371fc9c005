import type { GetBucketWebsiteRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchWebsite } from '../errors.ts';

/** Always NoSuchWebsiteConfiguration: websites are not supported. */
export function getBucketWebsite(context: S3Context, input: Checked<GetBucketWebsiteRequest>): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchWebsite(input.Bucket);
}
