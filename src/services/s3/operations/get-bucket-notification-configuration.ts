import type {
  GetBucketNotificationConfigurationRequest,
  NotificationConfiguration,
} from '@aws-sdk/client-s3';
import type { Checked } from '../../../protocol/service.ts';
import type { S3Context } from '../context.ts';

/** Returns an empty configuration: notifications are not supported. */
export function getBucketNotificationConfiguration(
  context: S3Context,
  input: Checked<GetBucketNotificationConfigurationRequest>,
): NotificationConfiguration {
  context.objects.requireBucket(input.Bucket);
  return {};
}
