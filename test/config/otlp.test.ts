import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig, type ConfigSources } from '../../src/config.ts';
import { FOLLOWED, REFUSED } from '../../src/config/otel-variables.ts';
import type { OtlpSettings } from '../../src/config/otlp.ts';
import { sectionsOf } from '../../src/declarations/plan.ts';
import { registrations } from '../../src/services/index.ts';
import { temporaryFolder } from '../support/server.ts';

type Environment = Record<string, string>;

async function configOf(environment: Environment, flags: ConfigSources['flags'] = {}, yaml = '') {
  const workingFolder = await temporaryFolder();
  if (yaml !== '') await writeFile(join(workingFolder, 'nagare.yaml'), yaml);
  return readConfig({ flags, environment, workingFolder, sections: sectionsOf(registrations) });
}

async function read(environment: Environment, flags: ConfigSources['flags'] = {}): Promise<OtlpSettings> {
  const { otlp } = await configOf(environment, flags);
  return otlp ?? assert.fail('nothing is exported');
}

async function problemsOf(environment: Environment): Promise<string> {
  try {
    await configOf(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('without an endpoint nothing is exported, whatever else is set for other programs', async () => {
  const others = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'xray',
    OTEL_LOG_LEVEL: 'debug',
  };
  assert.equal((await configOf(others)).otlp, undefined);
  assert.equal((await configOf({ ...others, ...endpoint, OTEL_SDK_DISABLED: 'true' })).otlp, undefined);
});

test('an endpoint gets metrics each minute and a hundredth of the traces', async () => {
  const { metrics, traces, resource } = await read(endpoint);
  assert.equal(metrics?.url, 'http://collector:4318/v1/metrics');
  assert.equal(metrics.intervalMs, 60_000);
  assert.equal(metrics.protocol, 'http/protobuf');
  assert.equal(traces?.url, 'http://collector:4318/v1/traces');
  assert.deepEqual(traces.sampler, { isParentBased: true, ratio: 0.01 });
  assert.deepEqual(traces.propagators, ['tracecontext', 'xray']);
  const { spansMax, batchSpansMax, delayMs, timeoutMs, exportTimeoutMs } = traces;
  assert.deepEqual(
    { spansMax, batchSpansMax, delayMs, timeoutMs, exportTimeoutMs },
    { spansMax: 2048, batchSpansMax: 512, delayMs: 5000, timeoutMs: 10_000, exportTimeoutMs: 30_000 },
  );
  assert.deepEqual(resource, {});
});

test('variables of a signal come before those of both, and its endpoint is used as it is', async () => {
  const { metrics, traces, resource } = await read({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318/base/',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b,tenant=1',
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'api-key=m',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '5000',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
    OTEL_PROPAGATORS: 'xray',
    OTEL_METRIC_EXPORT_INTERVAL: '10000',
    OTEL_SERVICE_NAME: 'ingest',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment=prod',
  });
  assert.equal(metrics?.url, 'https://collector:4318/base/v1/metrics');
  assert.deepEqual(await metrics.headers(), { 'api-key': 'm' });
  assert.equal(metrics.protocol, 'http/json');
  assert.equal(metrics.intervalMs, 10_000);
  assert.equal(metrics.compression, 'gzip');
  assert.equal(traces?.url, 'http://traces:4318/');
  assert.deepEqual(await traces.headers(), { 'api-key': 'a b', tenant: '1' });
  assert.equal(traces.protocol, 'http/protobuf');
  assert.equal(traces.timeoutMs, 5000);
  assert.deepEqual(traces.sampler, { isParentBased: false, ratio: 0.25 });
  assert.deepEqual(traces.propagators, ['xray']);
  assert.deepEqual(resource, { 'service.name': 'ingest', 'deployment.environment': 'prod' });
});

test('each of the samplers means what the specification says', async () => {
  const expected = {
    always_on: { isParentBased: false, ratio: 1 },
    always_off: { isParentBased: false, ratio: 0 },
    traceidratio: { isParentBased: false, ratio: 1 },
    parentbased_always_on: { isParentBased: true, ratio: 1 },
    parentbased_always_off: { isParentBased: true, ratio: 0 },
    parentbased_traceidratio: { isParentBased: true, ratio: 1 },
  };
  for (const [name, sampler] of Object.entries(expected)) {
    const { traces } = await read({ ...endpoint, OTEL_TRACES_SAMPLER: name });
    assert.deepEqual(traces?.sampler, sampler, name);
  }
});

test('one signal can be exported alone', async () => {
  const { metrics, traces } = await read({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' });
  assert.ok(metrics !== undefined && traces === undefined);
  const own = await read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/v1/traces' });
  assert.ok(own.metrics === undefined && own.traces !== undefined);
});

test('flags come before the environment, and the environment before nagare.yaml', async () => {
  const { metrics } = await read(endpoint, { otlpEndpoint: 'http://flag:1', otlpMetricsIntervalMs: '5000' });
  assert.equal(metrics?.url, 'http://flag:1/v1/metrics');
  assert.equal(metrics.intervalMs, 5000);
  const { otlp } = await configOf({}, {}, 'otlpEndpoint: http://file:2\notlpTracesSampler: always_on\n');
  assert.equal(otlp?.traces?.url, 'http://file:2/v1/traces');
  assert.deepEqual(otlp.traces.sampler, { isParentBased: false, ratio: 1 });
});

test('the headers of a file are read before each export', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'headers');
  await writeFile(file, 'authorization=Bearer%20one\n');
  const { metrics, secretFiles } = await read(endpoint, { otlpHeadersFile: file });
  // Functions must not read it.
  assert.deepEqual(secretFiles, [file]);
  assert.deepEqual(await metrics?.headers(), { authorization: 'Bearer one' });
  await writeFile(file, 'authorization=Bearer two\nx-tenant=a');
  assert.deepEqual(await metrics?.headers(), { authorization: 'Bearer two', 'x-tenant': 'a' });
});

test('what is wrong is refused by name, all of it at once', async () => {
  const problems = await problemsOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_HEADERS: 'no header, secret',
    OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file.pem',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: '/no/such/key.pem',
    OTEL_TRACES_SAMPLER: 'jaeger_remote',
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_PROPAGATORS: 'b3',
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200',
  });
  const lines = problems.split('\n');
  for (const start of [
    'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4317"; it must be an http or https URL',
    'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; it must be http/protobuf or http/json',
    'OTEL_EXPORTER_OTLP_HEADERS must be headers',
    'OTEL_EXPORTER_OTLP_TIMEOUT is "10s"; it must be a whole number',
    'OTEL_EXPORTER_OTLP_CERTIFICATE: cannot read /no/such/file.pem',
    'OTEL_EXPORTER_OTLP_CLIENT_KEY: cannot read /no/such/key.pem',
    'OTEL_TRACES_SAMPLER is "jaeger_remote"; it must be always_on',
    'OTEL_METRICS_EXPORTER is "prometheus"; it must be otlp or none',
    'OTEL_PROPAGATORS is "b3"; it must be',
    'OTEL_BSP_MAX_EXPORT_BATCH_SIZE must be at most',
  ]) {
    assert.equal(lines.filter((line) => line.startsWith(start)).length, 1, start);
  }
  assert.doesNotMatch(problems, /secret/);
});

test('variables that nagare does not follow are refused, unless they say what it does', async () => {
  for (const [name, value] of Object.entries({
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector:4318',
    OTEL_BLRP_SCHEDULE_DELAY: '1000',
    OTEL_LOG_LEVEL: 'debug',
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
    OTEL_METRICS_EXEMPLAR_FILTER: 'always_on',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100',
    OTEL_SPAN_LINK_COUNT_LIMIT: '1',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'http://zipkin:9411',
    OTEL_EXPORTER_PROMETHEUS_PORT: '9464',
    OTEL_CONFIG_FILE: 'otel.yaml',
  })) {
    assert.match(await problemsOf({ ...endpoint, [name]: value }), new RegExp(`^${name} is "`), name);
  }
  await read({
    ...endpoint,
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Cumulative',
    OTEL_METRICS_EXEMPLAR_FILTER: 'always_off',
    OTEL_NODE_RESOURCE_DETECTORS: 'all',
  });
  const { warnings } = await configOf({ ...endpoint, OTEL_EXPORTER_OLTP_TIMEOUT: '1' });
  assert.deepEqual(warnings, ['ignored OTEL_EXPORTER_OLTP_TIMEOUT: nagare does not know this variable']);
});

test('docs/opentelemetry.md lists every variable that is followed, and every group that is refused', () => {
  const page = readFileSync(new URL('../../docs/opentelemetry.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/OTEL_[A-Z0-9_]+/g)].map(([name]) => name);
  const missing = [...FOLLOWED].filter((name) => {
    const common = name.replace(/OTLP_(TRACES|METRICS)_/, 'OTLP_');
    return !named.includes(common);
  });
  assert.deepEqual(missing, []);
  const unnamed = REFUSED.filter(({ variables }) => !named.some((name) => variables.test(name)));
  assert.deepEqual(unnamed, []);
});
