import type { Setting } from './setting.ts';

/**
 * Texts that are checked once there is an endpoint: the variables of OpenTelemetry may be set for other programs.
 */
const text = (written: string): string => written;

/** Settings of the export to an OpenTelemetry collector. `src/config/otel-variables.ts` has its other variables. */
export const otlpSettings = {
  otlpEndpoint: {
    flag: '--otlp-endpoint',
    environment: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    expects: 'an http or https URL such as http://127.0.0.1:4318',
    meaning:
      'OpenTelemetry collector that gets metrics and traces over OTLP/HTTP: its URL without `v1/metrics` and `v1/traces` (default: none, nothing is exported)',
    fallback: '',
    parse: text,
  } satisfies Setting<string>,
  otlpProtocol: {
    flag: '--otlp-protocol',
    environment: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    expects: 'http/protobuf or http/json; nagare does not speak OTLP over gRPC',
    meaning: 'form of what is exported: http/protobuf or http/json',
    fallback: 'http/protobuf',
    parse: text,
  } satisfies Setting<string>,
  otlpHeadersFile: {
    flag: '--otlp-headers-file',
    environment: 'NAGARE_OTLP_HEADERS_FILE',
    expects: 'a file with headers, or the name of a systemd credential with them',
    meaning:
      'file with headers for the collector, such as a token, in the form of OTEL_EXPORTER_OTLP_HEADERS (`name=value`, separated by commas or lines), or the name of a systemd credential. It is read before each export',
    fallback: '',
    parse: text,
  } satisfies Setting<string>,
  otlpMetricsIntervalMs: {
    flag: '--otlp-metrics-interval-ms',
    environment: 'OTEL_METRIC_EXPORT_INTERVAL',
    expects: 'a whole number of milliseconds from 100 to 86400000',
    meaning: 'interval at which metrics are exported',
    fallback: '60000',
    parse: text,
  } satisfies Setting<string>,
  otlpTracesSampler: {
    flag: '--otlp-traces-sampler',
    environment: 'OTEL_TRACES_SAMPLER',
    expects:
      'always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio',
    meaning:
      'which requests have a span: always_on, always_off, traceidratio, or one of them after parentbased_, where the decision of the caller counts. Default: parentbased_traceidratio with 0.01, one request in a hundred',
    fallback: '',
    parse: text,
  } satisfies Setting<string>,
  otlpTracesSamplerArg: {
    flag: '--otlp-traces-sampler-arg',
    environment: 'OTEL_TRACES_SAMPLER_ARG',
    expects: 'a number from 0 to 1',
    meaning:
      'part of the requests that traceidratio records, from 0 to 1; default: 1 if a sampler is set, otherwise 0.01',
    fallback: '',
    parse: text,
  } satisfies Setting<string>,
};
