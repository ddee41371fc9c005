import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { RuntimeApi } from '../../../../src/services/lambda/runtime/runtime-api.ts';

const invocation = {
  requestId: 'id',
  payload: Buffer.from('payload'),
  deadlineMs: 0,
  functionArn: 'arn',
  traceId: 'trace',
  clientContext: undefined,
};

async function next(headers: Readonly<Record<string, string>>): Promise<[status: number, body: string]> {
  let api: RuntimeApi | undefined = undefined;
  const opened = await RuntimeApi.open({
    next: () => api?.hand(invocation),
    response: () => false,
    responseTooLarge: () => false,
    error: () => false,
    initError() {},
    loadedFiles() {},
  });
  api = opened;
  try {
    return await new Promise((resolve, reject) => {
      const url = `http://${opened.address}/2018-06-01/runtime/invocation/next`;
      const sent = request(url, { headers, agent: false }, (response) => {
        let body = '';
        response.on('data', (bytes: Buffer) => (body += bytes.toString()));
        response.on('end', () => resolve([response.statusCode ?? 0, body]));
      });
      sent.on('error', reject);
      sent.end();
    });
  } finally {
    await opened.close();
  }
}

describe('the Runtime API', () => {
  it('gives a runtime its next invocation', async () => {
    assert.deepEqual(await next({}), [200, 'payload']);
  });

  for (const [name, headers] of [
    ['of a page', { 'sec-fetch-site': 'cross-site' }],
    ['of a page with CORS', { origin: 'http://page.example' }],
    ['of a page whose name resolves to this machine', { host: 'page.example:80' }],
  ] as const) {
    it(`gives nothing to a request ${name}`, async () => {
      const [status, body] = await next(headers);
      assert.equal(status, 403);
      assert.doesNotMatch(body, /payload/);
    });
  }
});
