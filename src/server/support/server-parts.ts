import { rootIdentity } from '../../auth/identity.ts';
import type { StreamInspector } from '../../consumers/stream-inspector.ts';
import type { HttpRequest } from '../../http/message.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { LocalCalls } from '../../protocol/local-calls.ts';
import type { Service } from '../../protocol/service.ts';
import type { ServerInfo } from '../../protocol/server-info.ts';
import { processMetrics } from '../../telemetry/process-metrics.ts';
import { exposition } from '../../telemetry/prometheus.ts';
import { Turn } from '../../telemetry/turn.ts';
import type { ServerHealth } from '../health.ts';
import { serverLimits } from '../limits.ts';
import { healthMetrics } from '../metrics.ts';
import type { Part } from './archive.ts';
import type { Hide } from './hide-names.ts';

export interface ServerPartsOptions {
  readonly health: () => Promise<ServerHealth>;
  readonly metrics: MetricRegistry;
  /** Undefined on a machine whose services do not run. */
  readonly inspector: StreamInspector | undefined;
  readonly services: readonly Service[];
  readonly server: Pick<ServerInfo, 'region' | 'accountId' | 'log'>;
}

/** What a running server tells about itself. `http` is the request that asks for it; who asks has been decided. */
export function serverParts(options: ServerPartsOptions, http: HttpRequest, hide: Hide): Part[] {
  const { health } = options;
  return [
    { name: 'health.json', make: health },
    { name: 'streams.json', make: (signal) => streams(options, hide, signal) },
    { name: 'mappings.json', make: (signal) => mappings(options, http, hide, signal) },
    { name: 'metrics.txt', make: (signal) => metrics(options, hide, signal) },
  ];
}

async function streams({ inspector }: ServerPartsOptions, hide: Hide, signal: AbortSignal): Promise<object> {
  if (inspector === undefined) throw new Error(NOT_RUNNING);
  const names = [...inspector.names()].sort();
  const found: object[] = [];
  const turn = new Turn();
  for (const name of names.slice(0, serverLimits.supportRowsMax)) {
    if (turn.isOver()) await turn.next();
    signal.throwIfAborted();
    const stream = inspector.stream(name);
    if (stream === undefined) continue;
    found.push({
      StreamName: hide(name),
      StreamStatus: stream.status,
      StreamMode: stream.mode,
      OpenShardCount: stream.openShards,
      RetentionPeriodHours: stream.retentionMs / 3_600_000,
      IsEncrypted: stream.isEncrypted,
      CreationTimestamp: new Date(stream.createdMs).toISOString(),
      ReadersSeen: inspector.readers(name).length,
    });
  }
  return { Total: names.length, Streams: found };
}

const NOT_RUNNING = 'the services do not run on this machine';

interface MappingsPage {
  readonly EventSourceMappings?: readonly Readonly<Record<string, unknown>>[];
  readonly NextMarker?: string;
}

async function mappings(
  { services, server }: ServerPartsOptions,
  http: HttpRequest,
  hide: Hide,
  signal: AbortSignal,
): Promise<object> {
  const lambda = services.filter(({ name }) => name === 'lambda');
  const list = new LocalCalls(lambda, server).find('lambda', 'ListEventSourceMappings');
  if (list === undefined) throw new Error(NOT_RUNNING);
  const identity = rootIdentity(server.accountId, 'support');
  const scope = { accessKeyId: 'support', region: server.region, service: list.signingName };
  const found: object[] = [];
  for (let marker: string | undefined; found.length < serverLimits.supportRowsMax;) {
    signal.throwIfAborted();
    const input = Buffer.from(JSON.stringify({ Marker: marker }));
    const { status, body = '' } = await list.call(http, { isSigned: true, scope, identity }, input);
    const text = Buffer.from(body as Uint8Array).toString();
    if (status !== 200) throw new Error(text);
    // An operation of this server answers with what its model says.
    const page = JSON.parse(text) as MappingsPage;
    for (const { UUID, State, LastProcessingResult, FunctionArn, BatchSize } of page.EventSourceMappings ??
      []) {
      const name = String(FunctionArn).split(':')[6] ?? '';
      found.push({ UUID, State, LastProcessingResult, Function: hide(name), BatchSize });
    }
    marker = page.NextMarker;
    if (marker === undefined || marker === '') break;
  }
  return found;
}

async function metrics(
  { metrics: registry, health }: ServerPartsOptions,
  hide: Hide,
  signal: AbortSignal,
): Promise<string> {
  const own = [...(await processMetrics()), ...healthMetrics(await health())];
  let text = '';
  for await (const lines of exposition({ registry, own, shards: false, format: 'prometheus' })) {
    signal.throwIfAborted();
    text += hiddenLabels(Buffer.from(lines).toString(), hide);
    if (text.length > serverLimits.supportPartCharactersMax) break;
  }
  return text;
}

const KEPT_LABELS = new Set(['le', 'version', 'code']);

function hiddenLabels(text: string, hide: Hide): string {
  return text.replaceAll(/(\w+)="((?:[^"\\]|\\.)*)"/g, (whole, label: string, value: string) =>
    KEPT_LABELS.has(label) ? whole : `${label}="${hide(value)}"`,
  );
}
