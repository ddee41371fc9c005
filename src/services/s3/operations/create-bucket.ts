import type { CreateBucketOutput, CreateBucketRequest } from '@aws-sdk/client-s3';
import { ServiceError } from '../../../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { notImplemented } from '../errors.ts';
import { bucketTags } from '../tags.ts';

/**
 * Creates a bucket. As on AWS, creating one's own bucket again succeeds in us-east-1 and is an error in all other
 * regions. All buckets are in the server's region, whatever LocationConstraint says.
 */
export async function createBucket(
  context: S3Context,
  input: Checked<CreateBucketRequest>,
): Promise<CreateBucketOutput> {
  const { CreateBucketConfiguration: configuration } = input;
  if (configuration?.Location !== undefined || configuration?.Bucket !== undefined) {
    throw notImplemented('directory buckets (CreateBucketConfiguration.Location)');
  }
  const tags = configuration?.Tags === undefined ? undefined : bucketTags(configuration.Tags);
  try {
    await context.buckets.create(input.Bucket, {
      ...(tags === undefined ? {} : { tags }),
      ...(input.ObjectOwnership === undefined ? {} : { ownership: input.ObjectOwnership }),
    });
  } catch (error) {
    const known = error instanceof ServiceError && error.code === 'BucketAlreadyOwnedByYou';
    if (!known || context.region !== 'us-east-1') throw error;
  }
  return { Location: `/${input.Bucket}`, BucketArn: `arn:aws:s3:::${input.Bucket}` };
}
