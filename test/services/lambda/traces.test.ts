/** A function joins the trace of the request that invoked it: its own spans, and the calls that it makes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { InvokeCommand, type InvocationType, LambdaClient } from '@aws-sdk/client-lambda';
import { traceHeaders } from '../../../src/services/lambda/runtime/trace-headers.ts';
import { clientOptions, withHeaders } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { createFunction, printed, sharedLambda, zip } from './lambda-server.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const root = '1-0af76519-16cd43dd8448eb211c80319c';

interface Traced {
  readonly xray: string;
  readonly parent?: string | null;
  readonly state?: string | null;
}

const source = `export const handler = async () => {
  const { _X_AMZN_TRACE_ID: xray, TRACEPARENT: parent, TRACESTATE: state } = process.env;
  console.log('traced', JSON.stringify({ xray, parent, state }));
  return { xray, parent, state };
};`;

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
}

describe('the trace of an invocation', () => {
  const shared = sharedLambda();

  async function invoke(
    FunctionName: string,
    headers: Record<string, string>,
    InvocationType: InvocationType = 'RequestResponse',
  ): Promise<Traced> {
    const client = withHeaders(new LambdaClient(clientOptions(shared().endpoint)), headers);
    const { Payload } = await client.send(new InvokeCommand({ FunctionName, InvocationType }));
    client.destroy();
    const text = Payload?.transformToString() ?? '';
    return JSON.parse(text === '' ? '{}' : text) as Traced;
  }

  test('is that of the request, in the form of X-Ray and in that of the W3C', async () => {
    await createFunction(shared(), 'js', source);
    const traceparent = `00-${traceId}-${spanId}-01`;
    const traced = await invoke('js', { traceparent, tracestate: 'vendor=1' });
    assert.match(traced.xray, new RegExp(`^Root=${root};Parent=${spanId};Sampled=1;Deadline=\\d{13}$`));
    assert.deepEqual([traced.parent, traced.state], [traceparent, 'vendor=1']);
    const xray = `Root=${root};Parent=${spanId};Sampled=0;Lineage=a:0`;
    const again = await invoke('js', { 'x-amzn-trace-id': xray });
    assert.match(again.xray, new RegExp(`^Root=${root};Parent=${spanId};Sampled=0;Deadline=`));
    assert.deepEqual([again.parent, again.state], [`00-${traceId}-${spanId}-00`, undefined]);
    // The next invocation of the same process has nothing of it.
    const alone = await invoke('js', { traceparent: 'what is this' });
    assert.match(alone.xray, /^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=0;Deadline=/);
    assert.ok(!alone.xray.includes(root));
    assert.deepEqual([alone.parent, alone.state], [undefined, undefined]);
  });

  test('is kept with an asynchronous one', async () => {
    await createFunction(shared(), 'later', source);
    const traceparent = `00-${traceId}-${spanId}-01`;
    await invoke('later', { traceparent }, 'Event');
    const line = await until(async () => {
      // Its log group is made when it runs.
      const lines = await printed(shared(), 'later').catch(() => []);
      return lines.find((message) => message.includes('traced'));
    });
    assert.ok(line.includes(`Root=${root};Parent=${spanId};Sampled=1`), line);
    assert.ok(line.includes(traceparent), line);
  });

  test('reaches Python, too', { skip: !hasPython() && 'there is no python3 on this machine' }, async () => {
    const main = `import os
def handler(event, context):
    return {"xray": os.environ["_X_AMZN_TRACE_ID"], "parent": os.environ.get("TRACEPARENT"), "state": os.environ.get("TRACESTATE")}`;
    const python = { Runtime: 'python3.13', Handler: 'main.handler' } as const;
    await createFunction(shared(), 'py', '', { ...python, Code: { ZipFile: zip({ 'main.py': main }) } });
    const traceparent = `00-${traceId}-${spanId}-01`;
    const traced = await invoke('py', { traceparent, tracestate: 'vendor=1' });
    assert.ok(traced.xray.startsWith(`Root=${root};Parent=${spanId};Sampled=1;`));
    assert.deepEqual([traced.parent, traced.state], [traceparent, 'vendor=1']);
    const alone = await invoke('py', {});
    assert.deepEqual([alone.parent, alone.state], [null, null]);
  });
});

test('a trace without a span has the invocation as its first', () => {
  const trace = { traceId, spanId: undefined, isSampled: undefined };
  const { 'lambda-runtime-trace-id': xray, traceparent = '' } = traceHeaders(trace, 0, 1_700_000_000_000);
  const [, parent = ''] = /Parent=([\da-f]{16});Sampled=0;Deadline=1700000000000$/.exec(xray) ?? [];
  assert.equal(traceparent, `00-${traceId}-${parent}-00`);
});
