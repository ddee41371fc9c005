import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { OtlpSettings } from '../../src/config/otlp.ts';
import { noDeclarations } from '../../src/config/declarations.ts';
import { version } from '../../src/support/version.ts';
import { removeFolder } from '../support/temporary-folder.ts';
import { declared } from '../support/declarations.ts';
import { attributesOf, otlpTo, startCollector } from '../support/collector.ts';
import { withHeaders } from '../support/client.ts';
import { clientOptions, spawnServer, startTestServer, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

function clientOf(t: TestContext, endpoint: string, headers: Record<string, string> = {}): KinesisClient {
  const client = withHeaders(new KinesisClient(clientOptions(endpoint)), headers);
  t.after(() => client.destroy());
  return client;
}

const put = (StreamName: string) =>
  new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from('abc') });

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`requests are spans of the trace of their caller, and metrics reach the collector (${protocol})`, async (t) => {
    await using collector = await startCollector();
    await using server = await startTestServer({ otlp: otlpTo(collector, { protocol }) });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const parent = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'vendor=1' };
    const kinesis = clientOf(t, server.endpoint, parent);
    const beganMs = Date.now();
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    const { $metadata } = await kinesis.send(put('s'));
    await assert.rejects(kinesis.send(put('missing')));

    const spans = await until(() => collector.spans().length >= 3 && collector.spans());
    const [created, stored, refused] = spans;
    assert.equal(created?.name, 'Kinesis/CreateStream');
    assert.equal(stored?.traceId, traceId);
    assert.equal(stored.parentSpanId, 'b7ad6b7169203331');
    assert.equal(stored.kind, 2);
    const { attributes } = stored;
    assert.equal(attributes['rpc.system'], 'aws-api');
    assert.equal(attributes['rpc.service'], 'Kinesis');
    assert.equal(attributes['rpc.method'], 'PutRecord');
    assert.equal(attributes['http.response.status_code'], 200);
    assert.equal(attributes['aws.kinesis.stream_name'], 's');
    assert.equal(attributes['aws.request_id'], $metadata.requestId);
    const [startMs, endMs] = [stored.startTimeUnixNano, stored.endTimeUnixNano].map((ns) => Number(ns) / 1e6);
    assert.ok(beganMs - 1000 < (startMs ?? 0) && (startMs ?? 0) <= (endMs ?? 0));
    // The caller was wrong, not the server.
    assert.equal(refused?.attributes['error.type'], 'ResourceNotFoundException');
    assert.equal(refused.status, undefined);

    const [records] = await until(() => {
      const found = collector.metrics('nagare_kinesis_incoming_records');
      return found.length > 0 && found;
    });
    const [point] = records?.sum?.dataPoints ?? [];
    assert.deepEqual([point?.asDouble, attributesOf(point ?? {})], [1, { stream: 's' }]);
    assert.equal(collector.metrics('nagare_ready')[0]?.gauge?.dataPoints[0]?.asDouble, 1);
    const { headers, resource } = collector.received[0] ?? assert.fail();
    assert.equal(headers['x-tenant'], 'streams');
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(resource['service.name'], 'ingest');
    assert.equal(resource['service.version'], version());
  });
}

test('without a sampled caller, the sampler decides; own paths have no spans', async (t) => {
  await using collector = await startCollector();
  const server = await startTestServer({ otlp: otlpTo(collector, { ratio: 0 }) });
  t.after(() => server.close());
  const kinesis = clientOf(t, server.endpoint);
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const sampled = clientOf(t, server.endpoint, {
    'x-amzn-trace-id': 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  });
  await fetch(`${server.endpoint}/health`);
  await sampled.send(put('s'));
  await server.stop();
  assert.deepEqual(
    collector.spans().map(({ name, parentSpanId }) => [name, parentSpanId]),
    [['Kinesis/PutRecord', 'b7ad6b7169203331']],
  );
});

test('a mapping that invokes a function with a recorded record has a span with a link to its put', async (t) => {
  await using collector = await startCollector();
  const cwd = await temporaryFolder();
  // Makes a call within the trace, as the AWS SDKs do by themselves.
  const code = `export const handler = async () => {
    const headers = { 'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID };
    await fetch(process.env.AWS_ENDPOINT_URL + '/2015-03-31/functions', { headers });
  };`;
  await writeFile(join(cwd, 'handler.mjs'), code);
  await writeFile(
    join(cwd, 'nagare.yaml'),
    'streams: { s: { shardCount: 1 } }\nfunctions: { f: { path: handler.mjs, eventSources: [{ stream: s }] } }\n',
  );
  const server = await spawnServer({
    cwd,
    args: ['--function-isolation', 'off'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
  t.after(() => server.close());
  // Not recorded, and so is what is done with it.
  await clientOf(t, server.endpoint).send(put('s'));
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await clientOf(t, server.endpoint, { traceparent }).send(put('s'));
  const spans = await until(() => collector.spans().length >= 3 && collector.spans());
  const called = spans.find(({ name }) => name === 'Lambda/ListFunctions');
  const stored = spans.find(({ name }) => name === 'Kinesis/PutRecord');
  const processed = spans.find(({ name }) => name === 'process s');
  assert.deepEqual(processed?.links, [{ traceId: stored?.traceId, spanId: stored?.spanId }]);
  assert.equal(processed.kind, 5);
  assert.equal(processed.attributes['faas.invoked_name'], 'f');
  assert.equal(processed.attributes['messaging.destination.name'], 's');
  assert.deepEqual([called?.traceId, called?.parentSpanId], [processed.traceId, processed.spanId]);
  assert.equal(processed.status, undefined);
});

test('a function that a recorded request invokes is in its trace, below its span', async (t) => {
  await using collector = await startCollector();
  const folder = await temporaryFolder();
  const code = 'export const handler = async () => ({ trace: process.env._X_AMZN_TRACE_ID });';
  await writeFile(join(folder, 'handler.mjs'), code);
  await using server = await startTestServer({
    otlp: otlpTo(collector, { ratio: 0 }),
    functionIsolation: 'off',
    declarations: declared({ functions: { f: { path: join(folder, 'handler.mjs') } } }),
  });
  t.after(() => removeFolder(folder));
  const invoke = async (flags: string) => {
    const headers = { traceparent: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}` };
    const client = withHeaders(new LambdaClient(clientOptions(server.endpoint)), headers);
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'f' }));
    client.destroy();
    return JSON.parse(Payload?.transformToString() ?? '{}') as { trace: string };
  };
  const { trace } = await invoke('01');
  const [span] = await until(() => collector.spans().length >= 1 && collector.spans());
  assert.deepEqual([span?.name, span?.parentSpanId], ['Lambda/Invoke', 'b7ad6b7169203331']);
  assert.match(
    trace,
    new RegExp(`^Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${span?.spanId};Sampled=1;`),
  );
  // What nobody records is passed on as it came.
  assert.match((await invoke('00')).trace, /Parent=b7ad6b7169203331;Sampled=0;/);
});

test('a server that stops exports what waits', async (t) => {
  await using collector = await startCollector();
  const settings = otlpTo(collector);
  const { metrics, traces } = settings;
  const slow = {
    ...settings,
    metrics: { ...metrics, intervalMs: 60_000 },
    traces: { ...traces, delayMs: 60_000 },
  };
  const server = await startTestServer({ otlp: slow as OtlpSettings });
  t.after(() => server.close());
  const kinesis = clientOf(t, server.endpoint);
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  assert.equal(collector.received.length, 0);
  await server.stop();
  assert.equal(collector.spans().length, 1);
  assert.equal(collector.metrics('nagare_ready').length, 1);
});

test('a collector that does not answer delays neither requests nor the stop for long; what finds no room is counted', async (t) => {
  await using collector = await startCollector();
  collector.answer = () => 'never';
  const server = await startTestServer({
    otlp: otlpTo(collector, { spansMax: 4, timeoutMs: 120_000 }),
    declarations: noDeclarations,
  });
  t.after(() => server.close());
  const kinesis = clientOf(t, server.endpoint);
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await until(() => collector.received.some(({ path }) => path === '/v1/traces'));
  for (let at = 0; at < 10; at++) await kinesis.send(put('s'));
  const text = await (await fetch(`${server.endpoint}/metrics`)).text();
  assert.match(text, /^nagare_telemetry_dropped_spans_total [67]$/m);
  const beganMs = performance.now();
  await server.stop();
  assert.ok(performance.now() - beganMs < 60_000);
});

test('a collector that is not there is a warning in /health, and requests are answered', async (t) => {
  const collector = await startCollector();
  await collector.close();
  const settings = otlpTo(collector);
  const metrics = { ...settings.metrics, timeoutMs: 300 };
  const server = await startTestServer({ otlp: { ...settings, metrics } as OtlpSettings });
  t.after(() => server.close());
  await until(async () => {
    const health = (await (await fetch(`${server.endpoint}/health`)).json()) as {
      status: string;
      warnings: string[];
    };
    assert.equal(health.status, 'ok');
    return health.warnings.some((warning) => /metrics cannot be exported: .*ECONNREFUSED/.test(warning));
  });
});
