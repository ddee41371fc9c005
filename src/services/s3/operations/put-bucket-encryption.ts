import type { PutBucketEncryptionRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { invalidArgument, malformedXml, notImplemented } from '../errors.ts';

/**
 * Sets the default encryption of a bucket to AES256, for objects put afterwards. Other algorithms, and bucket keys, are
 * refused by name.
 */
export async function putBucketEncryption(
  context: S3Context,
  input: Checked<PutBucketEncryptionRequest>,
): Promise<void> {
  const [rule, ...others] = input.ServerSideEncryptionConfiguration.Rules;
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: kmsKey } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  if (algorithm === undefined || others.length > 0) throw malformedXml();
  if (algorithm !== 'AES256') throw notImplemented(`SSEAlgorithm ${algorithm}`);
  if (kmsKey !== undefined) {
    throw invalidArgument(
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      'ApplyServerSideEncryptionByDefault',
      kmsKey,
    );
  }
  if (rule?.BucketKeyEnabled === true) throw notImplemented('BucketKeyEnabled');
  if (rule?.BlockedEncryptionTypes !== undefined) throw notImplemented('BlockedEncryptionTypes');
  await context.buckets.change(input.Bucket, (info) => ({ ...info, encryption: algorithm }));
}
