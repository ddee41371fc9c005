import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { text } from 'node:stream/consumers';
import { signedFor } from '../../support/admission.ts';
import { startTestStorage, type TestStorage } from './support.ts';

const code = (body: string) => /<Code>(.*)<\/Code>/.exec(body)?.[1];

describe("S3's responses to details of HTTP", () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    await send('PUT', '/bucket');
    await send('PUT', '/bucket/key', { 'cache-control': 'max-age=5' }, 'body');
  });
  after(() => storage.close());

  const send = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ) => {
    const response = await fetch(`${storage.endpoint}${path}`, {
      method,
      headers: { ...signedFor('s3'), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const raw = async (request: string) => {
    const socket = connect(Number(new URL(storage.endpoint).port), '127.0.0.1');
    await once(socket, 'connect');
    const { authorization } = signedFor('s3');
    const [line = '', ...rest] = request.split('\r\n');
    const host = new URL(storage.endpoint).host;
    socket.end(
      [line, `Host: ${host}`, `Authorization: ${authorization}`, 'Connection: close', ...rest].join('\r\n'),
    );
    return await text(socket);
  };

  // RFC 9110, 15.4.5; ceph/s3-tests test_get_object_ifnonematch_good and test_get_object_ifmodifiedsince_failed.
  it('a 304 identifies the object', async () => {
    const { headers } = await send('GET', '/bucket/key');
    for (const [method, condition] of [
      ['GET', { 'if-none-match': headers.get('etag') ?? '' }],
      ['HEAD', { 'if-modified-since': headers.get('last-modified') ?? '' }],
    ] as const) {
      const answer = await send(method, '/bucket/key', condition);
      assert.equal(answer.status, 304);
      for (const name of ['etag', 'last-modified', 'cache-control']) {
        assert.equal(answer.headers.get(name), headers.get(name), name);
      }
    }
  });

  // LocalStack's snapshots test_s3_get_object_preconditions and test_s3_copy_object_preconditions, recorded on AWS.
  it('a future or invalid date is not a condition', async () => {
    const future = new Date(Date.now() + 86_400_000).toUTCString();
    assert.equal((await send('GET', '/bucket/key', { 'if-modified-since': future })).status, 200);
    assert.equal((await send('GET', '/bucket/key', { 'if-modified-since': 'yesterday' })).status, 200);
    const source = { 'x-amz-copy-source': '/bucket/key', 'x-amz-copy-source-if-modified-since': future };
    assert.equal((await send('PUT', '/bucket/copy', source)).status, 200);
  });

  // ceph/s3-tests test_bucket_listv2_maxkeys_invalid.
  it('an invalid number is InvalidArgument', async () => {
    for (const query of ['list-type=2&max-keys=blah', 'uploads&max-uploads=1.5']) {
      const answer = await send('GET', `/bucket?${query}`);
      assert.deepEqual([answer.status, code(answer.text)], [400, 'InvalidArgument']);
    }
  });

  // ceph/s3-tests test_object_create_bad_contentlength_none.
  it('a body without a length is 411', async () => {
    const answer = await raw('PUT /bucket/unmeasured HTTP/1.1\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 411 /);
    assert.equal(code(answer), 'MissingContentLength');
  });

  it('invalid chunks are IncompleteBody', async () => {
    for (const body of ['zz\r\nabc\r\n0\r\n\r\n', '3\r\nabcdef\r\n0\r\n\r\n', '3\r\nabc\r\n']) {
      const headers = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '3' };
      const answer = await send('PUT', '/bucket/chunked', headers, body);
      assert.deepEqual([answer.status, code(answer.text)], [400, 'IncompleteBody'], body);
    }
  });

  it('a document is compared with its checksums', async () => {
    const body = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
    for (const [headers, expected] of [
      [{ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
      [{ 'content-md5': 'short' }, 'InvalidDigest'],
      [{ 'x-amz-sdk-checksum-algorithm': 'CRC32', 'x-amz-checksum-crc32': 'AAAAAA==' }, 'BadDigest'],
    ] as const) {
      const answer = await send('PUT', '/bucket?tagging', headers, body);
      assert.deepEqual([answer.status, code(answer.text)], [400, expected]);
    }
  });

  // AWS's SDK for C++, and so pyarrow, sends the mode in lower case.
  it('enums in headers are accepted in any case where S3 accepts them', async () => {
    const headers = { 'x-amz-sdk-checksum-algorithm': 'crc32', 'x-amz-checksum-crc32': 'y/Q5Jg==' };
    assert.equal((await send('PUT', '/bucket/checked', headers, '123456789')).status, 200);
    const { headers: got } = await send('GET', '/bucket/checked', { 'x-amz-checksum-mode': 'enabled' });
    assert.equal(got.get('x-amz-checksum-crc32'), 'y/Q5Jg==');
  });

  it('headers are returned as they were sent', async () => {
    const headers = { 'content-encoding': 'deflate, gzip', expires: '0' };
    await send('PUT', '/bucket/encoded', headers, 'x');
    const { headers: got } = await send('HEAD', '/bucket/encoded');
    assert.deepEqual([got.get('content-encoding'), got.get('expires')], ['deflate, gzip', '0']);
    await send(
      'PUT',
      '/bucket/encoded',
      { ...headers, 'content-encoding': 'aws-chunked, gzip' },
      '1\r\nx\r\n0\r\n\r\n',
    );
    assert.equal((await send('HEAD', '/bucket/encoded')).headers.get('content-encoding'), 'gzip');
  });

  // The example of https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
  it('metadata that is not ASCII is returned as encoded words', async () => {
    const word = '=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KR?=';
    await send('PUT', '/bucket/words', { 'x-amz-meta-a': word, 'x-amz-meta-b': '=?UTF-8?Q?a_=3D?=' }, 'x');
    const { headers } = await send('HEAD', '/bucket/words');
    assert.deepEqual([headers.get('x-amz-meta-a'), headers.get('x-amz-meta-b')], [word, 'a =']);
  });
});
