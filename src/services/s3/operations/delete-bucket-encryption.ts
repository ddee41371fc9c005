import type { DeleteBucketEncryptionRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/**
 * Removes the default encryption: objects put afterwards are not encrypted unless the request says so. On AWS they are
 * encrypted with AES256 again.
 */
export async function deleteBucketEncryption(
  context: S3Context,
  input: Checked<DeleteBucketEncryptionRequest>,
): Promise<void> {
  await context.buckets.change(input.Bucket, (info) => {
    const { encryption: _encryption, ...others } = info;
    return others;
  });
}
