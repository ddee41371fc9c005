import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startTestStorage, type TestStorage } from './support.ts';

const version4 = (ageSeconds: number, expires: string | undefined) => {
  const date = new Date(Date.now() - ageSeconds * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `test/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
    'X-Amz-Date': date,
    ...(expires !== undefined && { 'X-Amz-Expires': expires }),
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': '0'.repeat(64),
  });
};
const version2 = (seconds: number) =>
  new URLSearchParams({
    AWSAccessKeyId: 'test',
    Signature: 'c2lnbmF0dXJl',
    Expires: String(Math.floor(Date.now() / 1000) + seconds),
  });

/** The answers as LocalStack's snapshots test_presigned_url_v4_* and test_s3_presign_url_expiration recorded them on AWS. */
describe('a presigned URL', () => {
  let storage: TestStorage;
  const Bucket = 'bucket';
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket }));
    await storage.client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'abc' }));
  });
  after(() => storage.close());

  const send = async (method: string, key: string, query: URLSearchParams) => {
    const response = await fetch(`${storage.endpoint}/${Bucket}/${key}?${query.toString()}`, {
      method,
      ...(method === 'PUT' && { body: 'late' }),
    });
    const body = await response.text();
    return [response.status, /<Code>(.*)<\/Code>/.exec(body)?.[1] ?? body];
  };

  it('is valid until its expiry', async () => {
    assert.deepEqual(await send('GET', 'key', version4(0, '100')), [200, 'abc']);
    assert.deepEqual(await send('GET', 'key', version2(100)), [200, 'abc']);
  });

  it('that has expired cannot read, write or delete', async () => {
    for (const query of [version4(20, '10'), version2(-10)]) {
      assert.deepEqual(await send('GET', 'key', query), [403, 'AccessDenied']);
      assert.deepEqual(await send('HEAD', 'key', query), [403, '']);
      assert.deepEqual(await send('DELETE', 'key', query), [403, 'AccessDenied']);
      assert.deepEqual(await send('PUT', 'other', query), [403, 'AccessDenied']);
    }
    await storage.client.send(new HeadObjectCommand({ Bucket, Key: 'key' }));
    await assert.rejects(storage.client.send(new HeadObjectCommand({ Bucket, Key: 'other' })));
  });

  it('cannot be valid for more than a week', async () => {
    assert.equal((await send('GET', 'key', version4(0, '604800')))[0], 200);
    for (const expires of ['604801', '-1', 'soon', undefined]) {
      const answer = await send('GET', 'key', version4(0, expires));
      assert.deepEqual(answer, [400, 'AuthorizationQueryParametersError'], expires);
    }
  });
});
