import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricRegistry } from '../../src/metrics.ts';
import { telemetryLimits } from '../../src/telemetry/limits.ts';
import { exposition, type Exposition } from '../../src/telemetry/prometheus.ts';

async function textOf(registry: MetricRegistry, options: Partial<Exposition> = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  const all = { registry, own: [], shards: false, format: 'prometheus' as const, ...options };
  for await (const chunk of exposition(all)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('counters keep counting when CloudWatch takes their samples', async () => {
  const registry = new MetricRegistry();
  const records = registry.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: 's' });
  records.add(3);
  records.take();
  records.add(4);
  assert.match(
    await textOf(registry),
    /# TYPE nagare_kinesis_incoming_records_total counter\nnagare_kinesis_incoming_records_total\{stream="s"\} 7\n/,
  );
});

test('latencies are sums and numbers in seconds, and ages the largest of the last second', async () => {
  const registry = new MetricRegistry();
  const latency = registry.metric('AWS/Kinesis', 'PutRecord.Latency', 'Milliseconds', { StreamName: 's' });
  const name = 'GetRecords.IteratorAgeMilliseconds';
  const age = registry.metric('AWS/Kinesis', name, 'Milliseconds', { StreamName: 's' });
  for (const ms of [100, 300]) {
    latency.add(ms);
    age.add(ms);
  }
  age.take();
  const text = await textOf(registry);
  assert.match(text, /^nagare_kinesis_put_record_latency_seconds_sum\{stream="s"\} 0\.4$/m);
  assert.match(text, /^nagare_kinesis_put_record_latency_seconds_count\{stream="s"\} 2$/m);
  assert.match(text, /^nagare_kinesis_get_records_iterator_age_seconds\{stream="s"\} 0\.3$/m);
});

test('metrics of shards are shown on request, under names of their own', async () => {
  const registry = new MetricRegistry();
  registry.metric('AWS/Kinesis', 'IncomingBytes', 'Bytes', { StreamName: 's', ShardId: 'shardId-0' }).add(5);
  assert.doesNotMatch(await textOf(registry), /shardId/);
  const line = /^nagare_kinesis_shard_incoming_bytes_total\{stream="s",shard="shardId-0"\} 5$/m;
  assert.match(await textOf(registry, { shards: true }), line);
});

test('a histogram counts what is at most as large as each bound', async () => {
  const registry = new MetricRegistry();
  const latency = registry.latency('PutRecords');
  for (const ms of [0, 1, 3, 60_000]) latency.add(ms);
  const text = await textOf(registry);
  const counts = [...text.matchAll(/_bucket\{le="([^"]+)"\} (\d+)/g)].map(
    ([, le, count]) => `${le}:${count}`,
  );
  assert.deepEqual(counts.slice(0, 3), ['0.001:2', '0.002:2', '0.005:3']);
  assert.equal(counts.at(-1), '+Inf:4');
  assert.match(text, /^nagare_kinesis_put_records_duration_seconds_sum 60\.004$/m);
});

test('OpenMetrics names a counter without its suffix, and ends with a mark', async () => {
  const registry = new MetricRegistry();
  registry.metric('Nagare/S3', 'DamagedReads', 'Count').add(1);
  const text = await textOf(registry, { format: 'openmetrics' });
  assert.match(text, /# TYPE nagare_s3_damaged_reads counter\nnagare_s3_damaged_reads_total 1\n/);
  assert.ok(text.endsWith('\n# EOF\n'));
});

test('label values are escaped', async () => {
  const registry = new MetricRegistry();
  registry.metric('AWS/Logs', 'IncomingBytes', 'Bytes', { LogGroupName: 'a"\\\n' }).add(1);
  assert.match(await textOf(registry), /\{log_group="a\\"\\\\\\n"\} 1$/m);
});

test('a metric with too many label sets is cut off, and says how many are missing', async () => {
  const registry = new MetricRegistry();
  for (let number = 0; number < telemetryLimits.labelSetsMax + 5; number++) {
    registry.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: `s${number}` });
  }
  const text = await textOf(registry);
  assert.equal(
    text.match(/^nagare_kinesis_incoming_records_total\{/gm)?.length,
    telemetryLimits.labelSetsMax,
  );
  assert.match(text, /^nagare_metrics_left_out 5$/m);
});

test('other work has its turn while many metrics are written', async () => {
  const registry = new MetricRegistry();
  for (let number = 0; number < 5000; number++) {
    registry.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: `s${number}` });
  }
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await textOf(registry);
  isDone = true;
  assert.ok(turns >= 2, `${turns} turns`);
});
