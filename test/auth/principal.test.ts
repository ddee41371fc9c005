import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { jsonFor, signedFor } from '../support/admission.ts';
import { startRecordingServer, target, type RecordingServer } from './recording-server.ts';

let server: RecordingServer;
before(async () => (server = await startRecordingServer()));
after(() => server.close());
beforeEach(() => void server.called());

describe('the principal', () => {
  it('is determined before the operation is looked up, and passed to it', async () => {
    await server.send({ headers: { ...signedFor('kinesis'), ...target('PutRecord') }, body: PUT });
    assert.deepEqual(server.called(), ['PutRecord']);
    assert.equal(server.lastCall()?.principal.isSigned, true);
    assert.deepEqual(server.lastCall()?.principal.scope, {
      accessKeyId: 'test',
      region: 'us-east-1',
      service: 'kinesis',
    });
    await server.send({ headers: target('ListStreams'), body: '{}' });
    assert.equal(server.lastCall()?.principal.isSigned, false);
    assert.equal(server.lastCall()?.principal.scope, undefined);
  });

  const PUT = '{"StreamName":"s","Data":"","PartitionKey":"k"}';

  for (const [name, sent, answer] of [
    ['JSON', { headers: target('PutRecord'), body: PUT }, /"__type":"MissingAuthenticationTokenException"/],
    [
      'a form',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=CreateTopic&Name=x&Version=2010-03-31',
      },
      /<Code>MissingAuthenticationToken<\/Code>/,
    ],
    [
      'the address of an image',
      { method: 'GET', path: '/?Action=CreateTopic&Name=x&Version=2010-03-31' },
      /<Code>MissingAuthenticationToken<\/Code>/,
    ],
    [
      'REST-JSON',
      { path: '/2015-03-31/functions/f/invocations', body: '{}' },
      /Missing Authentication Token: Invoke must be signed, with any access key\./,
    ],
    ['S3', { method: 'PUT', path: '/bucket/key', body: 'x' }, /<Code>AccessDenied<\/Code>/],
    ['S3, deleting', { method: 'DELETE', path: '/bucket/key' }, /<Code>AccessDenied<\/Code>/],
    ['a command', { path: '/_nagare/backup', body: '{}' }, /must be signed/],
    [
      'a name and password in the URL, which any page can open',
      { headers: { ...target('PutRecord'), authorization: 'Basic YTpi' }, body: PUT },
      /MissingAuthenticationTokenException/,
    ],
  ] as const) {
    it(`is required to change something: ${name}`, async () => {
      const got = await server.send(sent);
      assert.equal(got.status, 403);
      assert.match(got.body, answer);
      assert.deepEqual(server.called(), []);
    });
  }

  for (const [name, sent] of [
    ['JSON', { headers: target('DescribeStreamSummary'), body: '{"StreamName":"s"}' }],
    [
      'a form',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=ListTopics&Version=2010-03-31',
      },
    ],
    ['a list', { method: 'GET', path: '/2015-03-31/functions/' }],
    ['an object', { method: 'GET', path: '/bucket/key' }],
    ['an object, its head alone', { method: 'HEAD', path: '/bucket/key' }],
    [
      "a subscription's link",
      { method: 'GET', path: '/?Action=ConfirmSubscription&TopicArn=a&Token=t&Version=2010-03-31' },
    ],
    [
      "an unsubscription's link",
      { method: 'GET', path: '/?Action=Unsubscribe&SubscriptionArn=a&Version=2010-03-31' },
    ],
    [
      'a presigned put',
      {
        method: 'PUT',
        path: '/bucket/key?X-Amz-Credential=k%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=00',
        body: 'x',
      },
    ],
    [
      'a put that is presigned by version 2',
      { method: 'PUT', path: '/bucket/key?AWSAccessKeyId=k&Signature=s&Expires=1', body: 'x' },
    ],
    [
      'a call that is signed by version 2',
      { method: 'PUT', path: '/bucket/key', headers: { authorization: 'AWS k:s' }, body: 'x' },
    ],
  ] as const) {
    it(`is not required, or is given by the URL: ${name}`, async () => {
      const got = await server.send(sent);
      assert.equal(got.status, 200, got.body);
      assert.equal(server.called().length, 1);
    });
  }
});

describe('bodies that a page can post without a preflight', () => {
  for (const type of [
    'text/plain;charset=UTF-8',
    'TEXT/PLAIN',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ]) {
    it(`are refused by JSON services: ${type}`, async () => {
      const invoked = await server.send({
        path: '/2015-03-31/functions/f/invocations',
        headers: { ...signedFor('lambda'), 'content-type': type },
        body: '{}',
      });
      assert.equal(invoked.status, 415);
      assert.match(invoked.head, /x-amzn-errortype: unsupportedmediatypeexception/);
      const put = await server.send({
        headers: { ...signedFor('kinesis'), ...target('ListStreams'), 'content-type': type },
        body: '{}',
      });
      assert.equal(put.status, 404);
      assert.deepEqual(server.called(), []);
    });
  }

  it('are accepted by Invoke if SDKs send them, or when empty', async () => {
    for (const type of ['application/octet-stream', 'application/json; charset=utf-8', undefined]) {
      const got = await server.send({
        path: '/2015-03-31/functions/f/invocations',
        headers: { ...signedFor('lambda'), ...(type !== undefined && { 'content-type': type }) },
        body: '{}',
      });
      assert.equal(got.status, 200, type);
    }
  });
});

describe('a bucket in the host', () => {
  const S3_HOST = 'bucket.localhost:4566';

  it('makes POST / a call of S3 instead of a service with POST /', async () => {
    const deleted = await server.send({
      path: '/?delete',
      headers: { ...signedFor('s3'), host: S3_HOST },
      body: '<Delete><Object><Key>a</Key></Object></Delete>',
    });
    assert.equal(deleted.status, 200, deleted.body);
    assert.deepEqual(server.called(), ['DeleteObjects']);
    for (const type of ['', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded']) {
      const got = await server.send({
        headers: { ...signedFor('s3'), host: S3_HOST, 'content-type': type },
        body: 'x',
      });
      assert.equal(got.status, 200, type);
      assert.deepEqual(server.called(), ['PostObject']);
    }
  });

  it('makes /health and /_nagare/ object keys', async () => {
    for (const path of ['/health', '/_nagare/x'])
      await server.send({ method: 'GET', path, headers: { host: S3_HOST } });
    assert.deepEqual(server.called(), ['GetObject', 'GetObject']);
  });

  it('is ignored for a client that signs for another service', async () => {
    await server.send({
      path: '/2015-03-31/functions/f/invocations',
      headers: { ...jsonFor('lambda'), host: 'lambda.localhost' },
      body: '{}',
    });
    assert.deepEqual(server.called(), ['Invoke']);
  });
});

it('a form without a body has its parameters in the query string, and a body may lack the Action', async () => {
  const query = 'Action=CreateTopic&Version=2010-03-31';
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const sent of [
    { path: `/?${query}&Name=x`, headers: signedFor('sns') },
    { path: `/?${query}&Name=x`, headers: { ...signedFor('sns'), ...form } },
    { path: `/?${query}`, headers: { ...signedFor('sns'), ...form }, body: 'Name=x' },
    { headers: { ...signedFor('sns'), ...form }, body: `${query}&Name=x` },
  ]) {
    const got = await server.send(sent);
    assert.equal(got.status, 200, got.body);
  }
  assert.deepEqual(server.called(), ['CreateTopic', 'CreateTopic', 'CreateTopic', 'CreateTopic']);
});
