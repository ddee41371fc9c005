/** How a field is written: a scalar, or a message by its name. */
export type FieldType =
  | 'string'
  | 'hex'
  | 'bool'
  | 'enum'
  | 'int'
  | 'double'
  | 'fixed32'
  | 'fixed64'
  | 'time'
  | MessageName;

export interface Field {
  /** In camel case, as OTLP's JSON has it. */
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly repeated: boolean;
}

/** An encoded message, to be put into another one. */
export class Encoded {
  readonly content: string | Uint8Array;

  constructor(content: string | Uint8Array) {
    this.content = content;
  }

  get bytes(): number {
    return this.content.length;
  }
}

/** `hex` and `time` are OTLP's ids, and milliseconds since the epoch. Absent fields are undefined. */
export interface Message {
  readonly [field: string]: Value | undefined;
}

export type Value = string | number | boolean | Encoded | Message | readonly Value[];

/**
 * The messages of the OpenTelemetry protocol that nagare sends, with the fields that it uses
 * (github.com/open-telemetry/opentelemetry-proto). `*` marks a repeated field.
 */
const definitions = {
  AnyValue: { stringValue: [1, 'string'], intValue: [3, 'int'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  Resource: { attributes: [1, 'KeyValue*'] },
  InstrumentationScope: { name: [1, 'string'], version: [2, 'string'] },

  MetricsData: { resourceMetrics: [1, 'ResourceMetrics*'] },
  ResourceMetrics: { resource: [1, 'Resource'], scopeMetrics: [2, 'ScopeMetrics*'] },
  ScopeMetrics: { scope: [1, 'InstrumentationScope'], metrics: [2, 'Metric*'] },
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge'],
    sum: [7, 'Sum'],
    histogram: [9, 'Histogram'],
  },
  Gauge: { dataPoints: [1, 'NumberDataPoint*'] },
  Sum: { dataPoints: [1, 'NumberDataPoint*'], aggregationTemporality: [2, 'enum'], isMonotonic: [3, 'bool'] },
  Histogram: { dataPoints: [1, 'HistogramDataPoint*'], aggregationTemporality: [2, 'enum'] },
  NumberDataPoint: {
    startTimeUnixNano: [2, 'time'],
    timeUnixNano: [3, 'time'],
    asDouble: [4, 'double'],
    attributes: [7, 'KeyValue*'],
  },
  HistogramDataPoint: {
    startTimeUnixNano: [2, 'time'],
    timeUnixNano: [3, 'time'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    bucketCounts: [6, 'fixed64*'],
    explicitBounds: [7, 'double*'],
    attributes: [9, 'KeyValue*'],
  },

  TracesData: { resourceSpans: [1, 'ResourceSpans*'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans*'] },
  ScopeSpans: { scope: [1, 'InstrumentationScope'], spans: [2, 'Span*'] },
  Span: {
    traceId: [1, 'hex'],
    spanId: [2, 'hex'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'hex'],
    name: [5, 'string'],
    kind: [6, 'enum'],
    startTimeUnixNano: [7, 'time'],
    endTimeUnixNano: [8, 'time'],
    attributes: [9, 'KeyValue*'],
    links: [13, 'Link*'],
    status: [15, 'Status'],
    flags: [16, 'fixed32'],
  },
  Link: { traceId: [1, 'hex'], spanId: [2, 'hex'] },
  Status: { message: [2, 'string'], code: [3, 'enum'] },
} as const;

export type MessageName = keyof typeof definitions;

const fields = new Map<string, readonly Field[]>(
  Object.entries(definitions).map(([message, definition]) => [message, parsed(definition)]),
);

function parsed(definition: Readonly<Record<string, readonly [number: number, type: string]>>): Field[] {
  return Object.entries(definition).map(([name, [number, type]]) => ({
    name,
    number,
    // A test encodes every message.
    type: type.replace('*', '') as FieldType,
    repeated: type.endsWith('*'),
  }));
}

/** In the order of their numbers. */
export function fieldsOf(message: MessageName): readonly Field[] {
  return fields.get(message) ?? [];
}

/** AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE */
export const CUMULATIVE = 2;

/** Attributes as OTLP has them. */
export function keyValues(attributes: Readonly<Record<string, string | number | undefined>>): Message[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'string' ? { stringValue: value } : { intValue: value } }];
  });
}
