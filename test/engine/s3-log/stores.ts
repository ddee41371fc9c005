import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openS3SharedLog } from '../../../src/engine/s3-log/open.ts';
import type { S3SharedLog } from '../../../src/engine/s3-log/s3-shared-log.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';

// Where the SDK looks for keys first.
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

let count = 0;

/** A prefix of its own in the bucket `logs` of a store. */
export function newPrefix(): string {
  return `log-${count++}/`;
}

export function openAt(endpoint: string, prefix: string, bucket = 'logs'): Promise<S3SharedLog> {
  const options = { endpoint, region: 'us-east-1', bucket, prefix, delayMs: 5 };
  return openS3SharedLog({ ...options, clock: systemClock, log: silentLog });
}

export async function createBucket(endpoint: string): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'logs' }));
  client.destroy();
}
