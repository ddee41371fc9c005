import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import type { AnsweredRequest, RequestObserver } from '../../src/protocol/observer.ts';
import { ServerKeys } from '../../src/auth/keys/server-keys.ts';
import { SignatureVerifier } from '../../src/auth/signature/verify.ts';
import { signedFor } from '../support/admission.ts';
import { dispatcher, postTarget, serveServices, testService } from './support.ts';
import { fakeRequest } from './fuzz.ts';

const kinesis = testService('kinesis', {
  PutRecord: () => ({ ShardId: 'shardId-000000000000', SequenceNumber: '1' }),
  DescribeStreamSummary: () => {
    throw new ServiceError('ResourceNotFoundException', 'Stream s not found.');
  },
});

const PUT = JSON.stringify({ StreamName: 's', Data: 'aGk=', PartitionKey: 'k' });

const HEADERS = {
  ...signedFor('kinesis'),
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.PutRecord',
};

const SIGNED_MS = Date.parse('2026-01-01T00:00:00Z');

class Recorder implements RequestObserver {
  readonly seen: AnsweredRequest[] = [];
  isWatching = true;

  answered(answered: AnsweredRequest): void {
    this.seen.push(answered);
  }

  /** Service, operation, status and error code of all requests so far. */
  get answers(): unknown[] {
    return this.seen.map(({ outcome, response }) => [
      outcome?.service.name,
      outcome?.operation,
      response.status,
      outcome?.error?.code,
    ]);
  }
}

describe('the observer of requests', () => {
  it('gets nothing while it does not watch', async () => {
    const observer = new Recorder();
    observer.isWatching = false;
    await using server = await serveServices([kinesis], { observer });
    await postTarget(server.url, 'Kinesis_20131202.PutRecord', PUT);
    assert.equal(observer.seen.length, 0);
    observer.isWatching = true;
    await postTarget(server.url, 'Kinesis_20131202.PutRecord', PUT);
    assert.deepEqual(observer.answers, [['kinesis', 'PutRecord', 200, undefined]]);
  });

  it('gets each answer once, with operation, input, caller and address', async () => {
    const observer = new Recorder();
    await using server = await serveServices([kinesis], { observer });
    const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecord', PUT);
    const [first, ...others] = observer.seen;
    assert.ok(first?.outcome);
    assert.equal(others.length, 0);
    assert.deepEqual(observer.answers, [['kinesis', 'PutRecord', 200, undefined]]);
    assert.equal(first.outcome.ids.requestId, answer.headers.get('x-amzn-requestid'));
    assert.deepEqual(first.outcome.input, { StreamName: 's', Data: Buffer.from('hi'), PartitionKey: 'k' });
    assert.deepEqual(first.peer, { address: '127.0.0.1', tls: undefined });
    assert.equal(first.isAdmitted, true);
    assert.equal(first.principal?.scope?.accessKeyId, 'test');
    assert.ok(first.durationMs >= 0);
  });

  it('gets what is refused: errors, unknown operations, requests without a signature', async () => {
    const observer = new Recorder();
    await using server = await serveServices([kinesis], { observer });
    await postTarget(server.url, 'Kinesis_20131202.DescribeStreamSummary', '{"StreamName":"s"}');
    await postTarget(server.url, 'Kinesis_20131202.PutRecord', '{');
    await postTarget(server.url, 'Kinesis_20131202.Unheard', '{}');
    await postTarget(server.url, 'Kinesis_20131202.PutRecord', PUT, { authorization: '' });
    assert.deepEqual(observer.answers, [
      ['kinesis', 'DescribeStreamSummary', 400, 'ResourceNotFoundException'],
      ['kinesis', 'PutRecord', 400, 'SerializationException'],
      [undefined, undefined, 400, undefined],
      ['kinesis', 'PutRecord', 403, 'MissingAuthenticationTokenException'],
    ]);
  });

  it("gets nagare's own paths, and of pages that are not allowed", async () => {
    const observer = new Recorder();
    await using server = await serveServices([kinesis], { observer });
    await fetch(`${server.url}/health`);
    await fetch(`${server.url}/_nagare/apply`, { method: 'POST' });
    await postTarget(server.url, 'Kinesis_20131202.PutRecord', PUT, { origin: 'http://page.example' });
    assert.deepEqual(observer.answers, [
      [undefined, undefined, 200, undefined],
      [undefined, undefined, 403, undefined],
      ['kinesis', 'PutRecord', 403, 'AccessDeniedException'],
    ]);
    assert.deepEqual(
      observer.seen.map(({ isAdmitted }) => isAdmitted),
      [true, true, false],
    );
  });

  it('gets what a request with an unknown key claims, and that it is not admitted', async () => {
    const observer = new Recorder();
    const root = { accessKeyId: 'AKIAROOT', secretAccessKey: 'secret' };
    const about = { region: 'us-east-1', accountId: '000000000000', now: () => SIGNED_MS };
    const keys = new ServerKeys({ root, ...about });
    const verifier = new SignatureVerifier({ keys, ...about, bodyLimitBytes: () => 1024 * 1024 });
    await using server = await serveServices([kinesis], { observer, verifier });
    await postTarget(server.url, 'Kinesis_20131202.PutRecord', PUT, {
      'x-amz-date': '20260101T000000Z',
    });
    assert.deepEqual(observer.answers[0], ['kinesis', 'PutRecord', 400, 'UnrecognizedClientException']);
    assert.equal(observer.seen[0]?.isAdmitted, false);
    assert.equal(observer.seen[0]?.principal?.scope?.accessKeyId, 'test');
  });

  it('adds nothing to answers when there is none', async () => {
    const answer = await dispatcher([kinesis])(fakeRequest({ headers: HEADERS }, Buffer.from(PUT)));
    assert.deepEqual(Object.getOwnPropertySymbols(answer), []);
  });
});
