import { signedFor } from '../../support/admission.ts';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import { decode, encode } from 'cbor-x';
import { startTestServer } from '../../support/server.ts';

const TARGET = 'GraniteServiceVersion20100801';

/** As older SDKs, Terraform and Grafana speak to CloudWatch. */
async function query(
  endpoint: string,
  form: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const body = new URLSearchParams({ Version: '2010-08-01', ...form });
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: signedFor('monitoring'),
    body,
  });
  return { status: response.status, text: await response.text() };
}

const alarm = {
  AlarmName: 'a',
  Namespace: 'App',
  MetricName: 'Latency',
  Statistic: 'Sum',
  Period: '60',
  Threshold: '1.5',
  ComparisonOperator: 'GreaterThanThreshold',
  EvaluationPeriods: '1',
  'Dimensions.member.1.Name': 'Host',
  'Dimensions.member.1.Value': 'a',
};

test('the query protocol puts and describes alarms', async () => {
  await using server = await startTestServer();
  const put = await query(server.endpoint, { Action: 'PutMetricAlarm', ...alarm });
  assert.equal(put.status, 200);
  const { text } = await query(server.endpoint, { Action: 'DescribeAlarms' });
  assert.match(text, /<MetricAlarms><member><AlarmName>a<\/AlarmName>/);
  assert.match(text, /<Dimensions><member><Name>Host<\/Name><Value>a<\/Value><\/member><\/Dimensions>/);
  assert.match(text, /<Threshold>1\.5<\/Threshold>/);
});

test('errors have the codes of the query protocol in it', async () => {
  await using server = await startTestServer();
  const refused = await query(server.endpoint, { Action: 'PutMetricAlarm', ...alarm, Period: '45' });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /<Code>ValidationError<\/Code>/);
  const form = { AlarmName: 'nowhere', StateValue: 'OK', StateReason: 'r' };
  const unknown = await query(server.endpoint, { Action: 'SetAlarmState', ...form });
  assert.equal(unknown.status, 404);
  assert.match(unknown.text, /<Code>ResourceNotFound<\/Code>/);
});

test('JSON errors carry the code of the query protocol in a header', async () => {
  await using server = await startTestServer();
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('monitoring'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${TARGET}.SetAlarmState`,
      'x-amzn-query-mode': 'true',
    },
    body: JSON.stringify({ AlarmName: 'nowhere', StateValue: 'OK', StateReason: 'r' }),
  });
  assert.equal(response.status, 404);
  assert.equal(response.headers.get('x-amzn-query-error'), 'ResourceNotFound;Sender');
});

// botocore takes the code from the header: ValidationError, as recorded on AWS. Its type is ValidationException.
test('a violated bound has one code in all protocols', async () => {
  await using server = await startTestServer();
  const input = { AlarmName: 'a', StateValue: 'INVALID', StateReason: 'r' };
  const json = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('monitoring'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${TARGET}.SetAlarmState`,
      'x-amzn-query-mode': 'true',
    },
    body: JSON.stringify(input),
  });
  assert.equal(json.headers.get('x-amzn-query-error'), 'ValidationError;Sender');
  assert.match(await json.text(), /"__type":"[^"]*#ValidationException"/);
  const form = await query(server.endpoint, { Action: 'SetAlarmState', ...input });
  assert.match(form.text, /<Code>ValidationError<\/Code>/);
});

// Python's clients made integers of 30 where AWS gives doubles.
test('doubles stay doubles in JSON', async () => {
  await using server = await startTestServer();
  await query(server.endpoint, { Action: 'PutMetricAlarm', ...alarm, Threshold: '30' });
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('monitoring'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `${TARGET}.DescribeAlarms`,
    },
    body: '{}',
  });
  const text = await response.text();
  assert.match(text, /"Threshold":30\.0[,}]/);
  assert.match(text, /"Period":60[,}]/);
});

test('PutMetricData accepts gzip', async () => {
  await using server = await startTestServer();
  const datum = { MetricName: 'Latency', Value: 1 };
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('monitoring'),
      'content-type': 'application/x-amz-json-1.0',
      'content-encoding': 'gzip',
      'x-amz-target': `${TARGET}.PutMetricData`,
    },
    body: gzipSync(JSON.stringify({ Namespace: 'App', MetricData: [datum] })),
  });
  assert.equal(response.status, 200, await response.text());
});

test('Smithy RPC with CBOR puts data and reads it', async () => {
  await using server = await startTestServer();
  const call = async (operation: string, input: object): Promise<unknown> => {
    const response = await fetch(`${server.endpoint}/service/${TARGET}/operation/${operation}`, {
      method: 'POST',
      headers: {
        ...signedFor('monitoring'),
        'content-type': 'application/cbor',
        accept: 'application/cbor',
        'smithy-protocol': 'rpc-v2-cbor',
      },
      body: encode(input),
    });
    assert.equal(response.status, 200);
    const bytes = Buffer.from(await response.arrayBuffer());
    return bytes.length === 0 ? undefined : decode(bytes);
  };
  await call('PutMetricData', { Namespace: 'App', MetricData: [{ MetricName: 'Latency', Value: 1 }] });
  const listed = await call('ListMetrics', { Namespace: 'App' });
  assert.deepEqual(listed, { Metrics: [{ Namespace: 'App', MetricName: 'Latency', Dimensions: [] }] });
});
