import type { ObjectStore, ObjectStores } from '../s3/object-store.ts';

/**
 * The store that a catalog describes to its clients: https://iceberg.apache.org/docs/latest/aws/#s3-fileio. Without an
 * endpoint, it is AWS's. Without credentials, the AWS SDK finds them.
 */
export async function catalogStore(
  config: Readonly<Record<string, string>>,
  buckets: Pick<ObjectStores, 'openRemote'>,
): Promise<ObjectStore> {
  const region = config['s3.region'] ?? config['client.region'] ?? 'us-east-1';
  const endpoint = config['s3.endpoint'] ?? `https://s3.${region}.amazonaws.com`;
  const accessKeyId = config['s3.access-key-id'];
  const secretAccessKey = config['s3.secret-access-key'];
  const sessionToken = config['s3.session-token'];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return await buckets.openRemote(endpoint, region);
  }
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  return await buckets.openRemote(endpoint, region, credentials);
}
