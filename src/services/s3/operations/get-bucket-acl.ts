import type { GetBucketAclOutput, GetBucketAclRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { ownersAcl } from '../list-responses.ts';

/** Returns the access control list of a bucket: always full control for its owner. */
export function getBucketAcl(context: S3Context, input: Checked<GetBucketAclRequest>): GetBucketAclOutput {
  context.objects.requireBucket(input.Bucket);
  return ownersAcl(context);
}
