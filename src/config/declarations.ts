import { streamLimitsReader } from './limits-reader.ts';
import {
  fields,
  listOf,
  namesTo,
  number,
  oneOf,
  optional,
  required,
  text,
  variable,
  wholeNumber,
  withDefault,
  yesOrNo,
  type ValueOf,
} from './yaml-reader.ts';

/**
 * What `nagare.yaml` declares: things that shall exist when the server is up. Option names are AWS's own with the
 * first letter in lower case. Only the form is checked here; the bounds of a value are checked by the service that
 * it is for, in AWS's own words.
 */
const stream = fields({
  /** Without it, a new stream gets one shard, and one that is there keeps those it has. */
  shardCount: optional(wholeNumber(1)),
  /** `aws`, `none`, or limits by name; otherwise those of all streams hold. */
  limits: optional(streamLimitsReader),
});

const eventSource = fields({
  /** Name or ARN. */
  stream: required(text()),
  startingPosition: withDefault(oneOf('TRIM_HORIZON', 'LATEST'), 'TRIM_HORIZON'),
  batchSize: optional(wholeNumber(1)),
  maximumBatchingWindowInSeconds: optional(wholeNumber(0)),
  parallelizationFactor: optional(wholeNumber(1)),
  maximumRetryAttempts: optional(wholeNumber(-1)),
  maximumRecordAgeInSeconds: optional(wholeNumber(-1)),
  bisectBatchOnFunctionError: optional(yesOrNo),
  functionResponseTypes: optional(listOf(oneOf('ReportBatchItemFailures'))),
  /** Patterns, in JSON: a record that matches one of them is handed on. */
  filters: optional(listOf(text())),
  /** ARN of the topic or bucket that is told of records given up. */
  onFailure: optional(text()),
  enabled: withDefault(yesOrNo, true),
});

const declaredFunction = fields({
  /** Of a `.js`, `.mjs`, `.cjs` or `.ts` file, relative to nagare.yaml. */
  path: required(text()),
  /** Name of the exported function. */
  handler: withDefault(text(), 'handler'),
  /** Seconds. */
  timeout: optional(wholeNumber(1)),
  /** Megabytes. */
  memorySize: optional(wholeNumber(1)),
  description: optional(text()),
  /** How many of it may run at once. */
  reservedConcurrentExecutions: optional(wholeNumber(1)),
  environment: withDefault(namesTo(variable), {}),
  eventSources: withDefault(listOf(eventSource), []),
});

const listLog = fields({
  /** Name or ARN. */
  stream: required(text()),
  bucket: required(text()),
  key: required(text()),
  format: optional(text()),
  /** Of the times in its lines, as in `Asia/Tokyo`. */
  timeZone: optional(text()),
  /** Of another S3 than nagare's own. */
  endpoint: optional(text()),
  region: optional(text()),
});

const topic = fields({
  subscriptions: withDefault(
    listOf(
      fields({
        protocol: required(oneOf('http', 'https', 'lambda')),
        /** A URL; for `lambda`, the function's name or ARN. */
        endpoint: required(text()),
      }),
    ),
    [],
  ),
});

/** Names of topics declared here, or ARNs. */
const actions = withDefault(listOf(text()), []);

/** PutMetricAlarm's options. */
const alarm = fields({
  alarmDescription: optional(text()),
  namespace: required(text()),
  metricName: required(text()),
  dimensions: withDefault(namesTo(text()), {}),
  statistic: required(oneOf('SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum')),
  /** Seconds. */
  period: required(wholeNumber(1)),
  evaluationPeriods: withDefault(wholeNumber(1), 1),
  datapointsToAlarm: optional(wholeNumber(1)),
  threshold: required(number),
  comparisonOperator: required(
    oneOf(
      'GreaterThanThreshold',
      'GreaterThanOrEqualToThreshold',
      'LessThanThreshold',
      'LessThanOrEqualToThreshold',
    ),
  ),
  treatMissingData: optional(oneOf('missing', 'notBreaching', 'breaching', 'ignore')),
  unit: optional(text()),
  actionsEnabled: withDefault(yesOrNo, true),
  alarmActions: actions,
  okActions: actions,
  insufficientDataActions: actions,
});

export const declarationFields = {
  streams: withDefault(namesTo(stream), {}),
  buckets: withDefault(listOf(text()), []),
  functions: withDefault(namesTo(declaredFunction), {}),
  listLogs: withDefault(namesTo(listLog), {}),
  topics: withDefault(namesTo(topic), {}),
  alarms: withDefault(namesTo(alarm), {}),
};

export type DeclaredStream = ValueOf<typeof stream>;
export type DeclaredEventSource = ValueOf<typeof eventSource>;
export type DeclaredFunction = ValueOf<typeof declaredFunction>;
export type DeclaredListLog = ValueOf<typeof listLog>;
export type DeclaredTopic = ValueOf<typeof topic>;
export type DeclaredAlarm = ValueOf<typeof alarm>;

export interface Declarations {
  readonly streams: Readonly<Record<string, DeclaredStream>>;
  readonly buckets: readonly string[];
  readonly functions: Readonly<Record<string, DeclaredFunction>>;
  readonly listLogs: Readonly<Record<string, DeclaredListLog>>;
  readonly topics: Readonly<Record<string, DeclaredTopic>>;
  readonly alarms: Readonly<Record<string, DeclaredAlarm>>;
  /** File and line of a declaration such as `streams.orders`, for problems that are found when it is applied. */
  readonly placeOf: (path: string) => string;
}

export const noDeclarations: Declarations = {
  streams: {},
  buckets: [],
  functions: {},
  listLogs: {},
  topics: {},
  alarms: {},
  placeOf: () => 'nagare.yaml',
};
