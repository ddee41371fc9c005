import { jsonFor, signedFor } from '../../support/admission.ts';
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, it } from 'node:test';
import { ServiceError } from '../../../src/errors.ts';
import { restRouter } from '../../../src/protocol/rest/rest-router.ts';
import { compileValidator } from '../../../src/protocol/validation.ts';
import { models, serveServices, testService } from '../support.ts';

async function complete(url: string, body: string): Promise<[number, string]> {
  const response = await fetch(`${url}/b/k?uploadId=1`, { method: 'POST', headers: signedFor('s3'), body });
  return [response.status, await response.text()];
}

describe('the operation of a REST request', () => {
  const s3 = restRouter(models.s3);
  const lambda = restRouter(models.lambda);
  for (const [route, method, url, headers, expected] of [
    [s3, 'GET', '/', {}, 'ListBuckets'],
    [s3, 'PUT', '/b', {}, 'CreateBucket'],
    [s3, 'PUT', '/b/', {}, 'CreateBucket'],
    [s3, 'HEAD', '/b', {}, 'HeadBucket'],
    [s3, 'GET', '/b', {}, 'ListObjects'],
    [s3, 'GET', '/b?list-type=2&prefix=x', {}, 'ListObjectsV2'],
    [s3, 'GET', '/b?location', {}, 'GetBucketLocation'],
    [s3, 'GET', '/b?uploads', {}, 'ListMultipartUploads'],
    [s3, 'POST', '/b?delete', {}, 'DeleteObjects'],
    [s3, 'GET', '/b/k', {}, 'GetObject'],
    [s3, 'GET', '/b/k/l/', {}, 'GetObject'],
    [s3, 'GET', '/b/k?uploadId=1', {}, 'ListParts'],
    [s3, 'PUT', '/b/k', {}, 'PutObject'],
    [s3, 'PUT', '/b/k', { 'x-amz-copy-source': '/b/l' }, 'CopyObject'],
    [s3, 'PUT', '/b/k?partNumber=1&uploadId=2', {}, 'UploadPart'],
    [s3, 'PUT', '/b/k?partNumber=1&uploadId=2', { 'x-amz-copy-source': '/b/l' }, 'UploadPartCopy'],
    [s3, 'POST', '/b/k?uploads', {}, 'CreateMultipartUpload'],
    [s3, 'POST', '/b/k?uploadId=2', {}, 'CompleteMultipartUpload'],
    [s3, 'DELETE', '/b/k?uploadId=2', {}, 'AbortMultipartUpload'],
    [s3, 'DELETE', '/b/k', {}, 'DeleteObject'],
    [s3, 'PATCH', '/b/k', {}, undefined],
    [lambda, 'GET', '/2015-03-31/functions', {}, 'ListFunctions'],
    [lambda, 'GET', '/2015-03-31/functions/', {}, 'ListFunctions'],
    [lambda, 'GET', '/2015-03-31/functions/f', {}, 'GetFunction'],
    [lambda, 'POST', '/2015-03-31/functions/f/invocations', {}, 'Invoke'],
    [lambda, 'GET', '/2015-03-31/functions/f/configuration', {}, 'GetFunctionConfiguration'],
    [lambda, 'GET', '/2015-03-31/event-source-mappings/', {}, 'ListEventSourceMappings'],
    [lambda, 'DELETE', '/2017-03-31/tags/arn', {}, 'UntagResource'],
    [s3, 'POST', '/b/k', {}, undefined],
    [lambda, 'GET', '/2015-03-31/nothing/f', {}, undefined],
  ] as const) {
    it(`${method} ${url} ${JSON.stringify(headers)} is ${expected ?? 'none'}`, () => {
      const [path = '', query] = url.split('?');
      assert.equal(route(method, path, new URLSearchParams(query), headers)?.operation.name, expected);
    });
  }

  it('uses the rest of the path as the key, including slashes', () => {
    const match = s3('GET', '/b/a//b%2Fc/', new URLSearchParams(), {});
    assert.deepEqual(match?.parameters, { Bucket: 'b', Key: 'a//b%2Fc/' });
  });
});

describe('REST-XML', () => {
  const s3 = testService('s3', {
    GetObject: ({ Bucket, Key }) => ({
      Body: Buffer.from(`${String(Bucket)}:${String(Key)}`),
      ContentType: 'text/x',
    }),
    HeadObject: ({ Key }) => {
      if (Key === 'gone') throw new ServiceError('NotFound', 'Not Found', 404);
      if (Key === 'same') throw new ServiceError('NotModified', '', 304);
      return { ContentLength: 12_345, LastModified: new Date(1.5e12), Metadata: { a: 'b' } };
    },
    ListObjectsV2: () => {
      throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: 'b' });
    },
    GetBucketLocation: () => ({ LocationConstraint: 'eu-west-1' }),
    CompleteMultipartUpload: ({ MultipartUpload }) => ({ Key: JSON.stringify(MultipartUpload) }),
    DeleteObject: () => ({}),
  });

  it('returns an error with its resource and ids, and its fields', async () => {
    await using server = await serveServices([s3]);
    const response = await fetch(`${server.url}/b?list-type=2`);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get('content-type'), 'application/xml');
    const id = response.headers.get('x-amz-request-id') ?? '';
    const host = response.headers.get('x-amz-id-2') ?? '';
    assert.equal(
      await response.text(),
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>b</BucketName><Resource>/b</Resource><RequestId>${id}</RequestId><HostId>${host}</HostId></Error>`,
    );
  });

  it('answers HEAD without a body, found or not', async () => {
    await using server = await serveServices([s3]);
    const found = await fetch(`${server.url}/b/k`, { method: 'HEAD' });
    assert.equal(found.headers.get('content-length'), '12345');
    assert.equal(found.headers.get('last-modified'), 'Fri, 14 Jul 2017 02:40:00 GMT');
    assert.equal(found.headers.get('x-amz-meta-a'), 'b');
    const gone = await fetch(`${server.url}/b/gone`, { method: 'HEAD' });
    assert.equal(gone.status, 404);
    assert.equal((await fetch(`${server.url}/b/same`, { method: 'HEAD' })).status, 304);
  });

  it('takes the bucket from the host', async () => {
    await using server = await serveServices([s3]);
    const body = await new Promise((resolve, reject) => {
      const options = { port: server.port, path: '/k/%C3%BC', headers: { host: 'my-bucket.localhost:1' } };
      httpRequest(options, (response) => response.on('data', (chunk: Buffer) => resolve(chunk.toString())))
        .on('error', reject)
        .end();
    });
    assert.equal(body, 'my-bucket:k/ü');
  });

  it('answers deletions with 204', async () => {
    await using server = await serveServices([s3]);
    const response = await fetch(`${server.url}/b/k`, { method: 'DELETE', headers: signedFor('s3') });
    assert.deepEqual([response.status, response.headers.get('content-length')], [204, null]);
  });

  it('returns the location without an element around it', async () => {
    await using server = await serveServices([s3]);
    assert.equal(
      await (await fetch(`${server.url}/b?location`)).text(),
      '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>',
    );
  });

  it('reads documents with and without namespace, declaration, whitespace and unknown elements', async () => {
    await using server = await serveServices([s3]);
    const part = '<Part><PartNumber>1</PartNumber><ETag>&quot;a&amp;b&#x26;&quot;</ETag><Foo>x</Foo></Part>';
    const expected =
      '{&quot;Parts&quot;:[{&quot;ETag&quot;:&quot;\\&quot;a&amp;b&amp;\\&quot;&quot;,&quot;PartNumber&quot;:1}]}';
    for (const body of [
      `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`,
      `<?xml version="1.0"?>\n<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\n  ${part}\n</CompleteMultipartUpload>\n`,
      `<s3:CompleteMultipartUpload xmlns:s3="x">${part.replaceAll(/<(\/?)/g, '<$1s3:')}</s3:CompleteMultipartUpload>`,
    ]) {
      const [status, text] = await complete(server.url, body);
      assert.equal(status, 200, text);
      assert.ok(text.includes(`<Key>${expected}</Key>`), text);
    }
  });

  for (const [what, body] of [
    ['no XML', 'hello'],
    ['a tag that is not closed', '<CompleteMultipartUpload><Part>'],
    ['two roots', '<a></a><b></b>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><CompleteMultipartUpload></CompleteMultipartUpload>'],
    [
      'a number that is none',
      '<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>',
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await using server = await serveServices([s3]);
      const [status, text] = await complete(server.url, body);
      assert.equal(status, 400);
      assert.match(text, /<Code>MalformedXML<\/Code>/);
    });
  }

  it('refuses an unsupported subresource by name, instead of executing the plain request', async () => {
    await using server = await serveServices([s3]);
    for (const [method, url, name] of [
      ['GET', '/b?inventory', 'inventory'],
      ['GET', '/b/k?torrent', 'torrent'],
      ['DELETE', '/b?lifecycle=', 'lifecycle'],
      ['PUT', '/b?versioning', 'versioning'],
    ] as const) {
      const response = await fetch(server.url + url, { method });
      assert.equal(response.status, 501);
      assert.match(await response.text(), new RegExp(`<Code>NotImplemented</Code>.*\\?${name} `));
    }
  });

  it('refuses a path that cannot be decoded, and an unknown method', async () => {
    await using server = await serveServices([s3]);
    assert.equal((await fetch(`${server.url}/b/%ff`)).status, 400);
    assert.equal((await fetch(`${server.url}/b/k`, { method: 'PATCH' })).status, 405);
  });
});

describe('REST-JSON', () => {
  const lambda = testService('lambda', {
    GetFunction: ({ FunctionName, Qualifier }) => {
      throw new ServiceError(
        'ResourceNotFoundException',
        `${String(FunctionName)} ${String(Qualifier)}`,
        404,
      );
    },
    Invoke: ({ Payload }) => {
      if (Payload === undefined) {
        throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429, {
          Reason: 'ConcurrentInvocationLimitExceeded',
          retryAfterSeconds: '7',
        });
      }
      return { StatusCode: 202, Payload, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' };
    },
    CreateFunction: () => ({}),
  });

  it('returns an error with its type in a header, and its members in their places', async () => {
    await using server = await serveServices([lambda]);
    const arn = encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:f');
    const missing = await fetch(`${server.url}/2015-03-31/functions/${arn}?Qualifier=1`);
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('x-amzn-errortype'), 'ResourceNotFoundException');
    assert.deepEqual(await missing.json(), {
      Type: 'User',
      Message: 'arn:aws:lambda:us-east-1:000000000000:function:f 1',
    });
    const throttled = await fetch(`${server.url}/2015-03-31/functions/f/invocations`, {
      method: 'POST',
      headers: jsonFor('lambda'),
    });
    assert.equal(throttled.headers.get('retry-after'), '7');
    assert.deepEqual(await throttled.json(), {
      Type: 'User',
      message: 'Rate Exceeded.',
      Reason: 'ConcurrentInvocationLimitExceeded',
    });
  });

  it("passes a payload through unchanged, with the handler's status", async () => {
    await using server = await serveServices([lambda]);
    const response = await fetch(`${server.url}/2015-03-31/functions/f/invocations`, {
      method: 'POST',
      headers: jsonFor('lambda'),
      body: '"x"',
    });
    assert.equal(response.status, 202);
    assert.equal(response.headers.get('x-amz-function-error'), 'Unhandled');
    assert.equal(await response.text(), '"x"');
  });

  it('refuses violated bounds, and invalid JSON', async () => {
    await using server = await serveServices([lambda]);
    const create = async (body: string): Promise<unknown> =>
      (
        await fetch(`${server.url}/2015-03-31/functions`, {
          method: 'POST',
          headers: jsonFor('lambda'),
          body,
        })
      ).json();
    assert.deepEqual(await create('{"FunctionName":"","Role":"r","Code":{}}'), {
      Type: 'User',
      message: violation(),
    });
    assert.deepEqual(await create('{'), { Type: 'User', message: 'Could not parse request body into json.' });
  });
});

function violation(): string | undefined {
  return compileValidator(models.lambda, 'CreateFunctionRequest')({ FunctionName: '', Role: 'r', Code: {} });
}
