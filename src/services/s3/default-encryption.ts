import type { S3Context } from './context.ts';

/** Whether to encrypt an object: the request asks for it, or the bucket's default does. */
export function isEncryptedIn({ buckets }: S3Context, bucket: string, asked: string | undefined): boolean {
  return asked !== undefined || buckets.get(bucket)?.encryption !== undefined;
}
