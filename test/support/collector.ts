import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { OtlpSettings } from '../../src/config/otlp.ts';
import { type FieldType, fieldsOf, type MessageName } from '../../src/telemetry/otlp/messages.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** In the form of OTLP's JSON, whatever form it came in. */
  readonly content: unknown;
  /** The attributes of the resource. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

export interface Collector {
  readonly endpoint: string;
  readonly received: readonly Received[];
  /** What is answered to a request; 200 otherwise. */
  answer: (received: Received) => Answer | 'never';
  /** All of that name, in the order in which they came. */
  metrics(name: string): MetricReceived[];
  spans(): SpanReceived[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SpanReceived {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code: number; readonly message: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface ExportOptions {
  readonly protocol?: 'http/protobuf' | 'http/json';
  readonly ratio?: number;
  readonly spansMax?: number;
  /** Of a request; of all attempts it is three times that. */
  readonly timeoutMs?: number;
}

/** Settings of a server that exports everything to the collector at once. */
export function otlpTo({ endpoint }: Pick<Collector, 'endpoint'>, options: ExportOptions = {}): OtlpSettings {
  const { protocol = 'http/protobuf', ratio = 1, spansMax = 2048, timeoutMs = 10_000 } = options;
  const common = {
    protocol,
    compression: 'gzip',
    headers: () => Promise.resolve({ 'x-tenant': 'streams' }),
    timeoutMs,
    exportTimeoutMs: 3 * timeoutMs,
    tls: {},
  } as const;
  return {
    resource: { 'service.name': 'ingest' },
    metrics: { ...common, url: `${endpoint}/v1/metrics`, intervalMs: 100 },
    traces: {
      ...common,
      url: `${endpoint}/v1/traces`,
      sampler: { isParentBased: true, ratio },
      propagators: ['tracecontext', 'xray'],
      spansMax,
      batchSpansMax: Math.min(512, spansMax),
      delayMs: 50,
    },
  };
}

/** A server that takes OTLP over HTTP as a collector does. */
export async function startCollector(port = 0): Promise<Collector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const sent = Buffer.concat(pieces);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      const path = request.url ?? '';
      const message = path.endsWith('metrics') ? 'MetricsData' : 'TracesData';
      const isJson = request.headers['content-type'] === 'application/json';
      const content: unknown = isJson ? JSON.parse(body.toString()) : decoded(message, body);
      const one = { path, headers: request.headers, body, content, resource: resourceOf(content as Object) };
      received.push(one);
      const answer = collector.answer(one);
      if (answer !== 'never') response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const contents = (path: readonly string[]) =>
    all(
      received.map(({ content }) => content as Object),
      path,
    );
  const collector: Collector = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: () => ({ status: 200 }),
    metrics: (name) => (contents(METRICS) as unknown as MetricReceived[]).filter((one) => one.name === name),
    spans: () =>
      contents(['resourceSpans', 'scopeSpans', 'spans']).map(
        (span) => ({ ...span, attributes: attributesOf(span) }) as unknown as SpanReceived,
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
  return collector;
}

type Object = Record<string, unknown>;

function resourceOf(content: Object): Record<string, unknown> {
  const [{ resource = {} } = {}] = Object.values(content)[0] as { resource?: Object }[];
  return attributesOf(resource);
}

const METRICS = ['resourceMetrics', 'scopeMetrics', 'metrics'];

function all(contents: readonly Object[], path: readonly string[]): Object[] {
  return path.reduce<readonly Object[]>(
    (found, member) => found.flatMap((one) => (one[member] as Object[] | undefined) ?? []),
    contents,
  ) as Object[];
}

/** Attributes of these spans that docs/opentelemetry.md does not name. */
export function undocumented(spans: readonly SpanReceived[]): string[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/opentelemetry.md'), 'utf8');
  const names = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
  return [...names].filter((name) => !page.includes(`\`${name}\``));
}

export function attributesOf({ attributes }: { readonly attributes?: unknown }): Record<string, unknown> {
  const list = (attributes ?? []) as { key: string; value: { stringValue?: string; intValue?: string } }[];
  return Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
}

interface Point {
  readonly attributes?: unknown;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

interface Data {
  readonly dataPoints: readonly Point[];
  readonly aggregationTemporality: number;
  readonly isMonotonic?: boolean;
}

export interface MetricReceived {
  readonly name: string;
  readonly unit: string;
  readonly sum?: Data;
  readonly gauge?: Data;
  readonly histogram?: Data;
}

/** The metrics of a request. */
export function decodedMetrics(body: Buffer, protocol: 'http/json' | 'http/protobuf'): MetricReceived[] {
  const content: unknown =
    protocol === 'http/json' ? JSON.parse(body.toString()) : decoded('MetricsData', body);
  return all([content as Object], METRICS) as unknown as MetricReceived[];
}

/** test/clients/otlp.suite.ts decodes with the published definitions. */
function decoded(name: MessageName, bytes: Buffer): Object {
  const message: Object = {};
  const reader = new Reader(bytes);
  while (!reader.isAtEnd()) {
    const tag = reader.varint();
    const field = fieldsOf(name).find(({ number }) => number === tag >> 3);
    if (field === undefined) throw new Error(`${name} has no field ${tag >> 3}`);
    const { type, repeated } = field;
    const isPacked = repeated && (type === 'fixed64' || type === 'double');
    const value = isPacked ? eights(reader.bytes(), type) : valueOf(reader, tag & 7, type);
    if (repeated)
      message[field.name] = [...((message[field.name] as unknown[] | undefined) ?? []), value].flat();
    else message[field.name] = value;
  }
  return message;
}

function valueOf(reader: Reader, wire: number, type: FieldType): unknown {
  if (wire === 0) {
    const value = reader.varint();
    return type === 'bool' ? value === 1 : type === 'int' ? `${value}` : value;
  }
  if (wire === 1) return eights(reader.take(8), type)[0];
  if (wire === 5) return reader.take(4).readUInt32LE();
  const bytes = reader.bytes();
  if (type === 'string') return bytes.toString();
  return type === 'hex' ? bytes.toString('hex') : decoded(type as MessageName, bytes);
}

function eights(bytes: Buffer, type: FieldType): unknown[] {
  return Array.from({ length: bytes.length / 8 }, (_, at) =>
    type === 'double' ? bytes.readDoubleLE(at * 8) : `${bytes.readBigUInt64LE(at * 8)}`,
  );
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  varint(): number {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  bytes(): Buffer {
    return this.take(this.varint());
  }

  take(length: number): Buffer {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new Error('the message is cut off');
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
