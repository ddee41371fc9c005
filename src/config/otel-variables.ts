type Environment = Readonly<Record<string, string | undefined>>;

const SIGNALS = ['TRACES', 'METRICS'] as const;

/** Of one signal; without the signal they are of both. */
const OF_SIGNALS = [
  'ENDPOINT',
  'PROTOCOL',
  'HEADERS',
  'TIMEOUT',
  'COMPRESSION',
  'CERTIFICATE',
  'CLIENT_CERTIFICATE',
  'CLIENT_KEY',
] as const;

/** The variables of OpenTelemetry's specification that nagare follows. docs/opentelemetry.md lists them. */
export const FOLLOWED: ReadonlySet<string> = new Set([
  'OTEL_SDK_DISABLED',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_PROPAGATORS',
  'OTEL_TRACES_EXPORTER',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OTEL_BSP_SCHEDULE_DELAY',
  'OTEL_BSP_EXPORT_TIMEOUT',
  'OTEL_BSP_MAX_QUEUE_SIZE',
  'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  'OTEL_METRICS_EXPORTER',
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_METRIC_EXPORT_TIMEOUT',
  ...OF_SIGNALS.flatMap((name) => [
    `OTEL_EXPORTER_OTLP_${name}`,
    ...SIGNALS.map((signal) => `OTEL_EXPORTER_OTLP_${signal}_${name}`),
  ]),
]);

interface Refused {
  readonly variables: RegExp;
  readonly why: string;
  /** The values that mean what nagare does. */
  readonly accepted?: RegExp;
}

const NO_LOGS = 'nagare exports no logs: its log is on standard error';

/** Those that it does not follow, with the reason. */
export const REFUSED: readonly Refused[] = [
  { variables: /^OTEL_LOGS_EXPORTER$/, accepted: /^none$/, why: NO_LOGS },
  { variables: /^OTEL_(EXPORTER_OTLP_LOGS|BLRP|LOGRECORD)_/, why: NO_LOGS },
  { variables: /^OTEL_LOG_LEVEL$/, why: 'use --log-level' },
  {
    variables: /^OTEL_EXPORTER_OTLP_(TRACES_|METRICS_)?INSECURE$/,
    why: 'it is of gRPC; the scheme of the endpoint says whether TLS is used',
  },
  {
    variables: /^OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE$/,
    accepted: /^cumulative$/i,
    why: 'sums are cumulative; the cumulativetodelta processor of a collector converts them',
  },
  {
    variables: /^OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION$/,
    accepted: /^explicit_bucket_histogram$/i,
    why: 'histograms have explicit buckets',
  },
  {
    variables: /^OTEL_METRICS_EXEMPLAR_FILTER$/,
    accepted: /^always_off$/i,
    why: 'metrics have no exemplars',
  },
  {
    variables: /^OTEL_(ATTRIBUTE|SPAN|EVENT|LINK)_.*LIMIT$/,
    why: 'attributes of spans have bounds of their own (docs/bounds.md, telemetry)',
  },
  {
    variables: /^OTEL_EXPORTER_(ZIPKIN|JAEGER|PROMETHEUS)_/,
    why: 'nagare exports over OTLP only; Prometheus reads /metrics',
  },
  {
    variables: /^OTEL_(EXPERIMENTAL_)?CONFIG_FILE$/,
    why: 'nagare.yaml has the settings of nagare',
  },
  { variables: /^OTEL_ENTITIES$/, why: 'use OTEL_RESOURCE_ATTRIBUTES' },
];

/** Of OpenTelemetry for one language, which the specification leaves to its implementation. */
const OF_A_LANGUAGE =
  /^OTEL_(NODE|JS|PYTHON|JAVA|JAVAAGENT|DOTNET|GO|PHP|RUBY|CPP|ERLANG|SWIFT|RUST|INJECTOR|INSTRUMENTATION)_/;

/** What would be accepted and ignored: refused variables are problems, unknown ones are warnings. */
export function checkVariables(environment: Environment): {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
} {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const [name, value = ''] of Object.entries(environment)) {
    if (!name.startsWith('OTEL_') || value === '' || FOLLOWED.has(name) || OF_A_LANGUAGE.test(name)) continue;
    const refused = REFUSED.find(({ variables }) => variables.test(name));
    if (refused === undefined) warnings.push(`ignored ${name}: nagare does not know this variable`);
    else if (refused.accepted?.test(value) !== true) {
      problems.push(`${name} is "${value}", which nagare does not support: ${refused.why}`);
    }
  }
  return { problems, warnings };
}
