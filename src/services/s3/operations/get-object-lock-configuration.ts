import type { GetObjectLockConfigurationRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';
import { noSuchObjectLock } from '../errors.ts';

/** Always ObjectLockConfigurationNotFoundError: object lock is not supported. */
export function getObjectLockConfiguration(
  context: S3Context,
  input: Checked<GetObjectLockConfigurationRequest>,
): never {
  context.objects.requireBucket(input.Bucket);
  throw noSuchObjectLock(input.Bucket);
}
