import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLookup, createRoutes } from '../../src/protocol/dispatch.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { admit, signedFor } from '../support/admission.ts';
import { fakeRequest } from './fuzz.ts';
import { testService } from './support.ts';

describe('what tells whether the services have an operation', () => {
  const options = {
    admit,
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
    clock: new ManualClock(),
    services: [
      testService('kinesis', { ListStreams: () => ({}) }),
      testService('sns', { ListTopics: () => ({}) }, { formPaths: /^\/topics\// }),
      testService('lambda', { GetFunction: () => ({}) }),
      testService('s3', { GetObject: () => ({}) }),
    ],
  };
  const lookUp = createLookup(options, createRoutes(options));
  const FORM = 'application/x-www-form-urlencoded';

  const has = (method: string, url: string, headers: Record<string, string> = {}, body?: string) => {
    const [path = '/', query = ''] = url.split('?');
    const bytes = body === undefined ? undefined : Buffer.from(body);
    return lookUp(fakeRequest({ method, path, query, headers }, Buffer.alloc(0)), bytes);
  };

  function target(name: string) {
    return has('POST', '/', { 'x-amz-target': name, 'content-type': 'application/x-amz-json-1.1' });
  }

  it('is the target', () => {
    assert.equal(target('Kinesis_20131202.ListStreams'), true);
    assert.equal(target('Kinesis_20131202.PutRecord'), false);
    assert.equal(target('Other.ListStreams'), false);
  });

  it('is the Action of a form, which is read only for services that are there', () => {
    const form = (service: string, body?: string) =>
      has('POST', '/', { 'content-type': FORM, ...signedFor(service) }, body);
    assert.equal(form('sns'), 'named-in-body');
    assert.equal(form('monitoring'), false);
    assert.equal(form('sns', 'Action=ListTopics&Version=2010-03-31'), true);
    assert.equal(form('sns', 'Version=2010-03-31&Action=Publish&Message=Action=ListTopics'), false);
    assert.equal(form('sns', 'Message=Action=ListTopics'), false);
    const headers = { 'content-type': FORM, ...signedFor('sns') };
    assert.equal(has('POST', '/topics/t', headers, 'Action=ListTopics'), true);
    assert.equal(has('POST', '/topics/t', { 'content-type': FORM }, 'Action=ListTopics'), true);
    assert.equal(has('POST', '/queues/q', headers, 'Action=ListTopics'), false);
    assert.equal(has('GET', '/?Action=ListTopics&Version=2010-03-31'), true);
    assert.equal(has('GET', '/?Action=ListTopics'), false, 'of no service');
    const unsigned = has('POST', '/', { 'content-type': FORM }, 'Action=ListTopics&Version=2010-03-31');
    assert.equal(unsigned, true);
  });

  it('is the path, and the service that the signature names', () => {
    const path = '/2015-03-31/functions/f';
    assert.equal(has('GET', path, signedFor('lambda')), true);
    assert.equal(has('POST', `${path}/invocations`, signedFor('lambda')), false);
    assert.equal(has('GET', path, signedFor('sns')), false);
    assert.equal(has('GET', '/bucket/key', signedFor('s3')), true);
    assert.equal(has('PUT', '/bucket/key', signedFor('s3')), false);
    assert.equal(has('GET', '/_nagare/x'), false);
  });
});
