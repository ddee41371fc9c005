/**
 * What `nagare.yaml` declares: things that shall exist when the server is up. Option names are AWS's own with the
 * first letter in lower case, values are checked by the service that they are for, with AWS's own words.
 */
export interface Declarations {
  readonly streams: Readonly<Record<string, DeclaredStream>>;
  readonly buckets: readonly string[];
  readonly functions: Readonly<Record<string, DeclaredFunction>>;
  readonly listLogs: Readonly<Record<string, DeclaredListLog>>;
  readonly topics: Readonly<Record<string, DeclaredTopic>>;
  readonly alarms: Readonly<Record<string, DeclaredAlarm>>;
}

export const noDeclarations: Declarations = {
  streams: {},
  buckets: [],
  functions: {},
  listLogs: {},
  topics: {},
  alarms: {},
};

export interface DeclaredStream {
  readonly shardCount: number;
}

export interface DeclaredFunction {
  /** Absolute path of a `.js`, `.mjs`, `.cjs` or `.ts` file. */
  readonly path: string;
  /** Name of the exported function. */
  readonly handler: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly eventSources: readonly DeclaredEventSource[];
}

export interface DeclaredEventSource {
  /** Name or ARN. */
  readonly stream: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize?: number;
  readonly maximumBatchingWindowInSeconds?: number;
  readonly enabled?: boolean;
}

export interface DeclaredListLog {
  /** Name or ARN. */
  readonly stream: string;
  readonly bucket: string;
  readonly key: string;
  readonly format?: string;
}

export interface DeclaredTopic {
  readonly subscriptions: readonly DeclaredSubscription[];
}

export interface DeclaredSubscription {
  readonly protocol: 'http' | 'https' | 'lambda';
  /** A URL; for `lambda`, the function's name or ARN. */
  readonly endpoint: string;
}

/** PutMetricAlarm's options. */
export interface DeclaredAlarm {
  readonly alarmDescription?: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly comparisonOperator: string;
  readonly treatMissingData?: string;
  readonly unit?: string;
  readonly actionsEnabled?: boolean;
  /** Names of topics, or ARNs. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}
