import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricRegistry } from '../../../src/metrics.ts';
import { exposition } from '../../../src/telemetry/prometheus.ts';
import { formOf } from '../../../src/telemetry/otlp/form.ts';
import { metricRequests } from '../../../src/telemetry/otlp/metric-requests.ts';
import { resourceOf } from '../../../src/telemetry/otlp/resource.ts';
import { attributesOf, decodedMetrics, type MetricReceived } from '../../support/collector.ts';

type Protocol = 'http/json' | 'http/protobuf';

async function metricsOf(registry: MetricRegistry, protocol: Protocol = 'http/protobuf') {
  const requests: Uint8Array[] = [];
  const sources = {
    registry,
    own: [],
    resource: resourceOf({ 'deployment.environment': 'test' }),
    nowMs: 1_700_000_000_123,
  };
  for await (const request of metricRequests({ ...sources, form: formOf(protocol) })) requests.push(request);
  return { requests, metrics: requests.flatMap((request) => decodedMetrics(Buffer.from(request), protocol)) };
}

function filled(streams: number): MetricRegistry {
  const registry = new MetricRegistry();
  for (let at = 0; at < streams; at++) {
    const dimensions = { StreamName: `stream-${at}` };
    registry.metric('AWS/Kinesis', 'IncomingRecords', 'Count', dimensions).add(at);
    registry.metric('AWS/Kinesis', 'PutRecord.Latency', 'Milliseconds', dimensions).add(1500);
    registry
      .metric('AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds', 'Milliseconds', dimensions)
      .add(2500);
  }
  registry.latency('PutRecord').add(3);
  registry.latency('PutRecord').add(20_000);
  return registry;
}

function named(metrics: readonly MetricReceived[], name: string): MetricReceived {
  const found = metrics.filter((metric) => metric.name === name);
  assert.equal(found.length, 1, name);
  return found[0] as MetricReceived;
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`counters are cumulative sums, ages gauges, and latencies histograms (${protocol})`, async () => {
    const { metrics } = await metricsOf(filled(2), protocol);
    const records = named(metrics, 'nagare_kinesis_incoming_records');
    assert.equal(records.sum?.isMonotonic, true);
    assert.equal(records.sum.aggregationTemporality, 2);
    const [, second] = records.sum.dataPoints;
    assert.deepEqual(attributesOf(second ?? {}), { stream: 'stream-1' });
    assert.equal(second?.asDouble, 1);
    assert.equal(second.timeUnixNano, '1700000000123000000');

    const latency = named(metrics, 'nagare_kinesis_put_record_latency_seconds');
    assert.equal(latency.unit, 's');
    const [sums] = latency.histogram?.dataPoints ?? [];
    assert.deepEqual([sums?.count, sums?.sum], ['1', 1.5]);

    const age = named(metrics, 'nagare_kinesis_get_records_iterator_age_seconds');
    assert.equal(age.gauge?.dataPoints[0]?.asDouble, 2.5);

    const [calls] = named(metrics, 'nagare_kinesis_put_record_duration_seconds').histogram?.dataPoints ?? [];
    assert.deepEqual([calls?.count, calls?.sum], ['2', 20.003]);
    assert.equal(calls?.bucketCounts?.length, (calls?.explicitBounds?.length ?? 0) + 1);
    assert.deepEqual([calls?.bucketCounts?.[2], calls?.bucketCounts?.at(-1)], ['1', '1']);
  });
}

test('metrics have the names and labels of /metrics', async () => {
  const registry = filled(3);
  registry.metric('AWS/Kinesis', 'IncomingBytes', 'Bytes', { StreamName: 's', ShardId: 'shardId-0' }).add(5);
  let text = '';
  for await (const chunk of exposition({ registry, own: [], shards: false, format: 'openmetrics' })) {
    text += Buffer.from(chunk).toString();
  }
  const expected = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  const { metrics } = await metricsOf(registry);
  assert.deepEqual(metrics.map(({ name }) => name).toSorted(), expected.toSorted());
});

test('many streams are several requests of a bounded size, and nothing is lost between them', async () => {
  const { requests, metrics } = await metricsOf(filled(6000));
  assert.ok(requests.length > 1);
  for (const request of requests) assert.ok(request.length < 2 * 1024 * 1024, `${request.length}`);
  const streams = metrics
    .filter(({ name }) => name === 'nagare_kinesis_incoming_records')
    .flatMap(({ sum }) => sum?.dataPoints ?? [])
    .map((point) => attributesOf(point)['stream']);
  assert.equal(new Set(streams).size, 6000);
  assert.equal(streams.length, 6000);
});
