import type { RunningServer } from '../api.ts';
import { addressOf } from './address.ts';
import { nameOf, pagesOf } from './list.ts';
import { withS3 } from './s3.ts';

/** A word is completed by a person, who can type more of it. */
const NAMES_MAX = 100;

/** Of buckets whose names begin like this. */
export async function bucketNames(server: RunningServer, Prefix: string): Promise<string[]> {
  const input = { MaxBuckets: NAMES_MAX, ...(Prefix !== '' && { Prefix }) };
  const { Buckets = [] } = await withS3(server, ({ client, sdk }) =>
    client.send(new sdk.ListBucketsCommand(input)),
  );
  return Buckets.map(({ Name = '' }) => Name);
}

/** `bucket/` while the bucket is typed, then `bucket/key`, up to the next slash; with `s3://` if that is typed. */
export async function objectNames(server: RunningServer, typed: string): Promise<string[]> {
  const { bucket, key } = addressOf(typed);
  const start = typed.startsWith('s3://') ? 's3://' : '';
  if (!typed.slice(start.length).includes('/')) {
    return (await bucketNames(server, bucket)).map((name) => `${start}${name}/`);
  }
  return await withS3(server, async (s3) => {
    for await (const rows of pagesOf(s3, { bucket, key }, { limit: NAMES_MAX })) {
      return rows.map((row) => `${start}${bucket}/${nameOf(row)}`);
    }
    return [];
  });
}
