import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { signed } from '../../src/auth/sign.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const KEY = { accessKeyId: 'AKIAROOTKEY', secretAccessKey: 'the-secret-of-the-root-key' };
const SCOPE = { region: 'us-east-1', service: 'kinesis' };
const CONNECTIONS = 16;

/** Sends a signed request, and returns the status of its answer. */
function call(endpoint: string, agent: Agent, secretAccessKey: string): Promise<number> {
  const url = new URL(endpoint);
  const body = '{}';
  const about = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Kinesis_20131202.DescribeLimits',
  };
  const toSign = { method: 'POST', url, headers: about, body };
  const headers = signed(toSign, { ...KEY, secretAccessKey }, SCOPE, new Date());
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.on('error', reject).end(body);
  });
}

// Both share an address and a key id: nothing but the signature tells them apart.
test('wrong signatures as fast as one generator sends them take no more than half of the answers', async () => {
  await using server = await startTestServer({ rootKey: KEY });
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * CONNECTIONS });
  const answers = { right: 0, wrong: 0 };
  const stop = new AbortController();
  const generators = Array.from({ length: CONNECTIONS }, async () => {
    while (!stop.signal.aborted) {
      const status = await call(server.endpoint, agent, 'wrong').catch(() => 0);
      if (status === 400) answers.wrong++;
    }
  });
  try {
    // Those of the first second are answered at once.
    await until(() => answers.wrong >= 20);
    answers.wrong = 0;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (answers.right < 1000) {
          assert.equal(await call(server.endpoint, agent, KEY.secretAccessKey), 200);
          answers.right++;
        }
      }),
    );
    assert.ok(answers.wrong <= answers.right / 2, JSON.stringify(answers));
  } finally {
    stop.abort();
    agent.destroy();
    await Promise.all(generators);
  }
});
