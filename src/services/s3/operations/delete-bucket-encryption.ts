import type { DeleteBucketEncryptionRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** What is put from now on is not encrypted, unless it is put so. On AWS it is encrypted by AES256 again. */
export async function deleteBucketEncryption(
  context: S3Context,
  input: Checked<DeleteBucketEncryptionRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (facts) => {
    const { encryption: _encryption, ...others } = facts;
    return others;
  });
}
