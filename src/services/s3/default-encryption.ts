import type { S3Context } from './context.ts';

/** True for an object that is put so, or into a bucket that encrypts. */
export function isEncryptedIn({ buckets }: S3Context, bucket: string, asked: string | undefined): boolean {
  return asked !== undefined || buckets.get(bucket)?.encryption !== undefined;
}
