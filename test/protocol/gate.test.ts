import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { describe, it } from 'node:test';
import type { RequestGate } from '../../src/auth/gate.ts';
import { signedFor } from '../support/admission.ts';
import { postTarget, serveServices, testService } from './support.ts';

const open: RequestGate = {
  arrive: () => undefined,
  identify: () => undefined,
  fail: () => 0,
  leave: (_request, _principal, response) => response,
};
const throttled = { kind: 'throttled', message: 'Rate exceeded' } as const;
const calls: string[] = [];
const services = (['kinesis', 'lambda', 's3', 'sns'] as const).map((name) =>
  testService(name, (operation) => () => {
    calls.push(operation);
    return {};
  }),
);

/** A request to each protocol, as status and body. */
async function callAll(url: string): Promise<[number, string][]> {
  const kinesis = await postTarget(url, 'Kinesis_20131202.ListStreams', '{}');
  const others = await Promise.all([
    fetch(`${url}/2015-03-31/functions/`, { headers: signedFor('lambda') }),
    fetch(`${url}/bucket/key`, { headers: signedFor('s3') }),
    fetch(url, {
      method: 'POST',
      headers: { ...signedFor('sns'), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=ListTopics&Version=2010-03-31',
    }),
  ]);
  const answers = await Promise.all(
    others.map(async (response): Promise<[number, string]> => [response.status, await response.text()]),
  );
  return [[kinesis.status, kinesis.body], ...answers];
}

function assertThrottled(answers: readonly [number, string][]): void {
  assert.deepEqual(
    answers.map(([status]) => status),
    [400, 429, 503, 400],
  );
  const [kinesis = '', lambda = '', s3 = '', sns = ''] = answers.map(([, body]) => body);
  assert.deepEqual(JSON.parse(kinesis), { __type: 'ThrottlingException', message: 'Rate exceeded' });
  assert.match(lambda, /Rate exceeded/);
  assert.match(s3, /<Code>SlowDown<\/Code>/);
  assert.match(sns, /<Code>Throttling<\/Code>/);
}

describe('the gate for requests', () => {
  it('refuses in each protocol as AWS does, before anything is done', async () => {
    for (const gate of [
      { ...open, arrive: () => throttled },
      { ...open, identify: () => throttled },
    ]) {
      calls.length = 0;
      await using server = await serveServices(services, { gate });
      assertThrottled(await callAll(server.url));
      assert.deepEqual(calls, []);
      assert.equal((await fetch(`${server.url}/health`)).status, 200);
    }
  });

  it('knows the size of a body whose head does not state it', async () => {
    const sizes: (number | undefined)[] = [];
    const gate: RequestGate = {
      ...open,
      leave(request, _principal, response) {
        sizes.push(request.undeclaredBytes);
        return response;
      },
    };
    await using server = await serveServices(services, { gate });
    const headers = {
      ...signedFor('kinesis'),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.ListStreams',
    };
    const session = connect(server.url);
    const send = {
      chunked: (body: string) =>
        new Promise((resolve, reject) => {
          const sent = request(server.url, { method: 'POST', headers, agent: false }, (response) => {
            response.resume().on('end', resolve);
          });
          sent.on('error', reject).write(body);
          sent.end();
        }),
      http2: (body: string) =>
        new Promise((resolve, reject) => {
          const stream = session.request({ ...headers, ':method': 'POST', ':path': '/' });
          stream.on('error', reject).resume().on('end', resolve).end(body);
        }),
    };
    await send.chunked('{"Limit":1}');
    await send.http2('{"Limit":12}');
    await postTarget(server.url, 'Kinesis_20131202.ListStreams', '{"Limit":123}');
    session.close();
    assert.deepEqual(sizes, [11, 12, 0]);
  });

  it('can refuse an answer', async () => {
    await using server = await serveServices(services, { gate: { ...open, leave: () => throttled } });
    assertThrottled(await callAll(server.url));
  });
});
