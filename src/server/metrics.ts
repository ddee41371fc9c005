import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import type { MetricRegistry } from '../metrics.ts';
import { isLoopbackAddress } from '../support/loopback.ts';
import { telemetryLimits } from '../telemetry/limits.ts';
import { processMetrics } from '../telemetry/process-metrics.ts';
import type { OwnMetric } from '../telemetry/grouped.ts';
import { exposition } from '../telemetry/prometheus.ts';
import type { Access } from './access.ts';
import type { ClusterHealth, ServerHealth, StandbyReadCounts } from './health.ts';
import type { SnapshotHealth } from './snapshots.ts';

/** The same as /metrics, for callers who sign. */
export const METRICS_PATH = '/_nagare/metrics';

const CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;

interface MetricsOptions {
  readonly registry: MetricRegistry;
  readonly health: () => Promise<ServerHealth>;
}

/** Answers /metrics. A few at a time: each holds what it has not sent yet. */
export function metricsHandler({ registry, health }: MetricsOptions): HttpHandler {
  let scrapes = 0;
  return async ({ query, headers }) => {
    if (query !== '' && query !== 'shards=1') return refusal(400, 'the only parameter is shards=1');
    if (scrapes >= telemetryLimits.scrapesMax) return refusal(503, 'others read the metrics; try again');
    const format =
      headers.accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
    scrapes++;
    const counted = async function* () {
      try {
        const own = [...(await processMetrics()), ...healthMetrics(await health())];
        yield* exposition({ registry, own, shards: query !== '', format });
      } finally {
        scrapes--;
      }
    };
    return { status: 200, headers: { 'Content-Type': CONTENT_TYPES[format] }, body: counted() };
  };
}

/** Answers the path for callers who sign. */
export function metricsRoute(answer: HttpHandler) {
  return async (request: HttpRequest): Promise<HttpResponse | undefined> =>
    request.path === METRICS_PATH && request.method === 'GET' ? answer(request) : undefined;
}

export function healthMetrics({ status, problems, warnings, cluster }: ServerHealth): OwnMetric[] {
  const value = status === 'ok' ? 1 : 0;
  const found = problems.map(({ code }) => ({ labels: { code }, value: 1 }));
  return [
    { name: 'nagare_ready', kind: 'gauge', help: '1 while requests can be answered', values: [{ value }] },
    { name: 'nagare_problem', kind: 'gauge', help: 'Why the server is not ready', values: found },
    {
      name: 'nagare_warnings',
      kind: 'gauge',
      help: 'Parts that do not work while requests are answered',
      values: [{ value: warnings.length }],
    },
    ...(cluster === undefined ? [] : clusterMetrics(cluster)),
  ];
}

function clusterMetric(kind: OwnMetric['kind'], name: string, help: string, value: number): OwnMetric {
  return { name: `nagare_cluster_${name}`, kind, help, values: [{ value }] };
}

function clusterMetrics(cluster: ClusterHealth): OwnMetric[] {
  const { role, term, lag, serving, waiting, takeovers, forwarded, forwardFailures, differences } = cluster;
  return [
    clusterMetric('gauge', 'owner', '1 while this machine owns the shared log', role === 'owner' ? 1 : 0),
    clusterMetric('gauge', 'serving', '1 while its services run here', serving ? 1 : 0),
    clusterMetric('gauge', 'term', 'How often the ownership of the log has changed', term),
    ...(lag === 'unknown'
      ? []
      : [clusterMetric('gauge', 'lag_frames', 'Frames of the log that this machine lacks', lag)]),
    clusterMetric('gauge', 'waiting_requests', 'Requests that wait for an owner', waiting),
    clusterMetric('counter', 'takeovers', 'How often this machine became the owner', takeovers),
    clusterMetric(
      'counter',
      'forwarded_requests',
      'Requests that the owner has answered for this machine',
      forwarded,
    ),
    clusterMetric(
      'counter',
      'forward_failures',
      'Requests that clients were asked to repeat',
      forwardFailures,
    ),
    clusterMetric(
      'gauge',
      'differing_settings',
      'Settings of this machine that are not those of the owner',
      differences.length,
    ),
    ...standbyReadMetrics(cluster.standbyReads),
    ...snapshotMetrics(cluster.snapshots),
  ];
}

function standbyReadMetrics(counts: StandbyReadCounts | null): OwnMetric[] {
  if (counts === null) return [];
  return [
    clusterMetric('counter', 'standby_reads', 'Reads that this standby has answered', counts.answered),
    {
      name: 'nagare_cluster_standby_reads_left',
      kind: 'counter',
      help: 'Reads that this standby has left to the owner',
      values: (['stale', 'refused'] as const).map((reason) => ({
        labels: { reason },
        value: counts[reason],
      })),
    },
  ];
}

function knownMetric(name: string, help: string, value: number | null): OwnMetric[] {
  return value === null ? [] : [clusterMetric('gauge', name, help, value)];
}

function snapshotMetrics(snapshots: SnapshotHealth | null): OwnMetric[] {
  if (snapshots === null) return [];
  const { ageSeconds, position, logBegin } = snapshots;
  return [
    ...knownMetric('snapshot_age_seconds', 'Age of the newest snapshot by the times in the log', ageSeconds),
    ...knownMetric('snapshot_position', 'Position of the log at which the newest snapshot ends', position),
    ...knownMetric('log_begin', 'Position of the oldest frame that the log has', logBegin),
  ];
}

interface ScrapeAccess {
  readonly auth: Access['auth'];
  readonly token: string | undefined;
  /** A proxy on this machine passes on the requests of others. */
  readonly behindProxy: boolean;
}

/**
 * Who may read /metrics without a signature, which Prometheus cannot make: everyone while signatures are not checked,
 * then programs on this machine, and those that have the token.
 */
export function scrapeAccess({ auth, token, behindProxy }: ScrapeAccess): (request: HttpRequest) => boolean {
  if (auth === 'off') return () => true;
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`);
  return ({ headers: { authorization }, peer }) => {
    if (authorization === undefined) return !behindProxy && isLoopbackAddress(peer.address);
    return expected !== undefined && timingSafeEqual(digest(authorization), expected);
  };
}

/** Texts of any length are compared in the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refusal(status: number, message: string): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ message }) };
}
