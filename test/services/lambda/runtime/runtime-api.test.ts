import assert from 'node:assert/strict';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { lambdaLimits } from '../../../../src/services/lambda/limits.ts';
import type { InvocationOutcome } from '../../../../src/services/lambda/runtime/outcome.ts';
import {
  RuntimeApi,
  type HandedInvocation,
  type RuntimeListener,
} from '../../../../src/services/lambda/runtime/runtime-api.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { until } from '../../../support/until.ts';

const invocation: HandedInvocation = {
  requestId: 'id',
  payload: Buffer.from('payload'),
  deadlineMs: 1_700_000_000_000,
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f:live',
  trace: { 'lambda-runtime-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0' },
  clientContext: undefined,
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** The API of one process whose invocation is `id`; what it reports is kept. */
async function open(context: TestContext, changes: Partial<RuntimeListener> = {}) {
  const finished: [requestId: string, outcome: InvocationOutcome][] = [];
  const initErrors: InvocationOutcome[] = [];
  let calls = 0;
  const listener: RuntimeListener = {
    next: () => ++calls > 0,
    finish: (requestId, outcome) => finished.push([requestId, outcome]) > 0 && requestId === 'id',
    initError: (outcome) => initErrors.push(outcome) > 0,
    loadedFiles() {},
    ...changes,
  };
  const api = await RuntimeApi.open(listener, silentLog);
  context.after(() => api.close());
  const call = (path: string, { method = 'GET', headers = {}, body, signal }: Sent = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const url = `http://${api.address}${path}`;
      const options = { method, headers, agent: new Agent(), ...(signal === undefined ? {} : { signal }) };
      const sent = request(url, options, (response) => {
        let text = '';
        response.on('data', (bytes: Buffer) => (text += bytes.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const post = (path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
    call(path, { method: 'POST', headers, body });
  return { api, call, post, finished, initErrors, calls: () => calls };
}

const NEXT = '/2018-06-01/runtime/invocation/next';
const RESPONSE = '/2018-06-01/runtime/invocation/id/response';
const ERROR = '/2018-06-01/runtime/invocation/id/error';
const INIT_ERROR = '/2018-06-01/runtime/init/error';
const ok = '{"status":"OK"}';

function errorType({ body }: Answer): unknown {
  return (JSON.parse(body) as Record<string, unknown>)['errorType'];
}

describe('the Runtime API: next', () => {
  it('gives a runtime its invocation, with what it needs to know in headers', async (t) => {
    const { api, call, calls } = await open(t);
    const answer = call(NEXT);
    await until(() => calls() === 1);
    api.hand({ ...invocation, clientContext: '{"client":{}}' });
    const { status, headers, body } = await answer;
    assert.deepEqual([status, body], [200, 'payload']);
    assert.equal(headers['lambda-runtime-aws-request-id'], 'id');
    assert.equal(headers['lambda-runtime-deadline-ms'], '1700000000000');
    assert.equal(headers['lambda-runtime-invoked-function-arn'], invocation.functionArn);
    assert.equal(headers['lambda-runtime-trace-id'], invocation.trace['lambda-runtime-trace-id']);
    assert.equal(headers['lambda-runtime-client-context'], '{"client":{}}');
    assert.equal(headers['lambda-runtime-cognito-identity'], undefined);
  });

  it('is refused while it is asked already, and while an invocation is not finished', async (t) => {
    const { api, call, calls } = await open(t);
    const first = call(NEXT);
    await until(() => calls() === 1);
    const second = await call(NEXT);
    assert.deepEqual([second.status, errorType(second)], [403, 'InvalidStateTransition']);
    api.hand(invocation);
    assert.equal((await first).body, 'payload');
    const busy = await open(t, { next: () => false });
    const refused = await busy.call(NEXT);
    assert.deepEqual([refused.status, errorType(refused)], [403, 'InvalidStateTransition']);
  });

  it('may be asked again when its connection broke; the invocation is not lost', async (t) => {
    const { api, call, calls } = await open(t);
    const broken = new AbortController();
    const first = call(NEXT, { signal: broken.signal });
    await until(() => calls() === 1);
    broken.abort();
    await assert.rejects(first);
    // The server notices the end of the connection a moment later; until then it refuses.
    const again = (async () => {
      for (let attempt = 0; attempt < 1_000; attempt++) {
        const answer = await call(NEXT);
        if (answer.status !== 403) return answer;
      }
      throw new Error('it is refused forever');
    })();
    await until(() => calls() === 2);
    api.hand(invocation);
    assert.equal((await again).body, 'payload');
  });

  it('gets an invocation that came while there was no connection', async (t) => {
    const { api, call, calls } = await open(t);
    api.hand(invocation);
    assert.equal((await call(NEXT)).body, 'payload');
    assert.equal(calls(), 0);
  });

  for (const [name, headers] of [
    ['of a page', { 'sec-fetch-site': 'cross-site' }],
    ['of a page with CORS', { origin: 'http://page.example' }],
    ['of a page whose name resolves to this machine', { host: 'page.example:80' }],
  ] as const) {
    it(`gives nothing to a request ${name}`, async (t) => {
      const { api, call } = await open(t);
      api.hand(invocation);
      const { status, body } = await call(NEXT, { headers });
      assert.equal(status, 403);
      assert.doesNotMatch(body, /payload/);
    });
  }
});

describe('the Runtime API: response', () => {
  it('is accepted for the current invocation alone', async (t) => {
    const { post, finished } = await open(t);
    const accepted = await post(RESPONSE, '{"a":1}');
    assert.deepEqual([accepted.status, accepted.body], [202, ok]);
    assert.equal(finished[0]?.[1].payload.toString(), '{"a":1}');
    const other = await post('/2018-06-01/runtime/invocation/other/response', '1');
    assert.equal(other.status, 400);
    assert.deepEqual(JSON.parse(other.body), {
      errorMessage: 'Invalid request ID',
      errorType: 'InvalidRequestID',
    });
  });

  it('is answered with the next invocation when the runtime asks for it in the same call', async (t) => {
    const events: string[] = [];
    const { api, post } = await open(t, {
      next: () => events.push('next') > 0,
      finish: (requestId, { payload }) => events.push(payload.toString()) > 0 && requestId === 'id',
    });
    const answer = post(`${RESPONSE}-and-next`, '{"a":1}');
    await until(() => events.length === 2);
    assert.deepEqual(events, ['{"a":1}', 'next']);
    api.hand(invocation);
    const { status, headers, body } = await answer;
    assert.deepEqual([status, headers['lambda-runtime-aws-request-id'], body], [200, 'id', 'payload']);
    const other = await post('/2018-06-01/runtime/invocation/other/response-and-next', '1');
    assert.deepEqual([other.status, errorType(other)], [400, 'InvalidRequestID']);
    const tooLarge = Buffer.alloc(lambdaLimits.invokeResponseBytesMax + 1, 'x');
    assert.equal((await post(`${RESPONSE}-and-next`, tooLarge)).status, 413);
  });

  it('of more than 6 MB is refused, and fails the invocation', async (t) => {
    const { post, finished } = await open(t);
    const most = lambdaLimits.invokeResponseBytesMax;
    assert.equal((await post(RESPONSE, Buffer.alloc(most, 'x'))).status, 202);
    const refused = await post(RESPONSE, Buffer.alloc(most + 1, 'x'));
    assert.equal(refused.status, 413);
    assert.deepEqual(JSON.parse(refused.body), {
      errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'RequestEntityTooLarge',
    });
    assert.deepEqual(JSON.parse(finished[1]?.[1].payload.toString() ?? ''), {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
  });

  for (const [mode, message] of [
    ['streaming', 'nagare does not support response streaming yet'],
    ['other', 'Invalid function response mode'],
  ] as const) {
    it(`in the mode ${mode} is refused by name, and fails the invocation`, async (t) => {
      const { post, finished } = await open(t);
      const refused = await post(RESPONSE, '1', { 'lambda-runtime-function-response-mode': mode });
      assert.equal(refused.status, 400);
      assert.deepEqual(JSON.parse(refused.body), {
        errorMessage: message,
        errorType: 'InvalidFunctionResponseMode',
      });
      const [requestId, { failure, payload }] = finished[0] ?? assert.fail();
      assert.deepEqual([requestId, failure?.type], ['id', 'Runtime.InvalidResponseModeHeader']);
      assert.match(payload.toString(), new RegExp(message));
    });
  }

  it('whose connection breaks is not taken', async (t) => {
    const { api, post, finished } = await open(t);
    const sent = request(`http://${api.address}${RESPONSE}`, {
      method: 'POST',
      headers: { 'content-length': 100 },
    });
    sent.on('error', () => {});
    await new Promise((resolve) => sent.write('{"part":', resolve));
    sent.destroy();
    assert.equal((await post(RESPONSE, '2')).status, 202);
    assert.deepEqual(
      finished.map(([, { payload }]) => payload.toString()),
      ['2'],
    );
  });
});

describe('the Runtime API: errors', () => {
  it('fails the invocation with the type of the header; the cause for X-Ray changes nothing', async (t) => {
    const { post, finished } = await open(t);
    const body = '{"errorType":"E","errorMessage":"m"}';
    const headers = {
      'lambda-runtime-function-error-type': 'Function.Own',
      'lambda-runtime-function-xray-error-cause': '{"working_directory":"/"}',
    };
    assert.equal((await post(ERROR, body, headers)).status, 202);
    const [, { functionError, failure, payload }] = finished[0] ?? assert.fail();
    assert.deepEqual([functionError, failure?.type, payload.toString()], ['Unhandled', 'Function.Own', body]);
    assert.equal((await post('/2018-06-01/runtime/invocation/other/error', body)).status, 400);
  });

  it('of more than 6 MB is refused, and fails the invocation', async (t) => {
    const { post, finished } = await open(t);
    const refused = await post(ERROR, Buffer.alloc(lambdaLimits.invokeResponseBytesMax + 1));
    assert.deepEqual([refused.status, errorType(refused)], [413, 'RequestEntityTooLarge']);
    assert.equal(finished[0]?.[1].failure?.type, 'Function.ResponseSizeTooLarge');
  });

  it('of the initialization is taken until the first invocation', async (t) => {
    const { post, initErrors } = await open(t);
    const headers = { 'lambda-runtime-function-error-type': 'Runtime.NoSuchHandler' };
    assert.equal((await post(INIT_ERROR, '{"errorType":"E"}', headers)).status, 202);
    const [{ failure, payload } = assert.fail()] = initErrors;
    assert.deepEqual([failure?.type, payload.toString()], ['Runtime.NoSuchHandler', '{"errorType":"E"}']);
    const late = await open(t, { initError: () => false });
    const refused = await late.post(INIT_ERROR, '{}');
    assert.deepEqual([refused.status, errorType(refused)], [403, 'InvalidStateTransition']);
  });

  it('of the initialization of more than 6 MB is refused', async (t) => {
    const { post, initErrors } = await open(t);
    const body = Buffer.alloc(lambdaLimits.invokeResponseBytesMax + 1);
    assert.equal((await post(INIT_ERROR, body)).status, 413);
    assert.equal(initErrors.length, 0);
  });
});

describe('the Runtime API: other requests', () => {
  for (const [path, type] of [
    ['/2020-01-01/extension/register', 'Extension.NotSupported'],
    ['/2020-01-01/extension/event/next', 'Extension.NotSupported'],
    ['/2020-08-15/logs', 'Logs.NotSupported'],
    ['/2022-07-01/telemetry', 'Telemetry.NotSupported'],
    ['/2018-06-01/runtime/restore/next', 'Restore.NotSupported'],
  ] as const) {
    it(`to ${path} are refused by name`, async (t) => {
      const { call, post } = await open(t);
      for (const refused of [await call(path), await post(path, '{"events":["INVOKE"]}')]) {
        assert.deepEqual([refused.status, errorType(refused)], [403, type]);
      }
    });
  }

  it('to unknown paths or with other methods are refused', async (t) => {
    const { call, post, finished } = await open(t);
    for (const path of [
      '/',
      '/2018-06-01/runtime/',
      `${RESPONSE}/more`,
      '/2018-06-01/runtime/invocation/id/x',
    ]) {
      const refused = await post(path, '1');
      assert.deepEqual([refused.status, errorType(refused)], [404, 'NotFound'], path);
    }
    assert.equal((await post(NEXT, '1')).status, 405);
    assert.equal((await call(RESPONSE, { method: 'PUT', body: '1' })).status, 405);
    assert.equal((await call(INIT_ERROR)).status, 405);
    assert.equal(finished.length, 0);
  });
});
