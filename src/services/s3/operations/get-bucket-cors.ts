import type { GetBucketCorsRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchCors } from '../errors.ts';

/** Always NoSuchCORSConfiguration: buckets have no cross-origin rules. */
export function getBucketCors(context: S3Context, input: Checked<GetBucketCorsRequest>): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchCors(input.Bucket);
}
