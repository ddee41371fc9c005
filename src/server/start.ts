import { join } from 'node:path';
import type { Config } from '../config.ts';
import { closeToOthers } from '../data-folder/close-to-others.ts';
import { openDataFolder, type DataFolder } from '../data-folder/data-folder.ts';
import type { Engine } from '../engine/engine.ts';
import { openEmbeddedEngine, type EmbeddedEngineOptions } from '../engine/embedded/open.ts';
import { certificateFor, certificateFolder } from '../http/certificate.ts';
import type { HttpHandler } from '../http/message.ts';
import { listen, type ServerCertificate } from '../http/server.ts';
import { MetricRegistry } from '../metrics.ts';
import { isHealthCheck, liveness } from '../protocol/own-routes.ts';
import { registrations } from '../services/index.ts';
import { sectionsOf } from '../declarations/plan.ts';
import type { Clock } from '../support/clock.ts';
import { Lifecycle } from '../support/lifecycle.ts';
import { engineLimits } from '../engine/limits.ts';
import { serverLimits } from './limits.ts';
import type { Log } from '../support/log.ts';
import { TrustedProxies } from '../http/trusted-proxies.ts';
import { openFilesMax, shareHandles } from '../support/open-files.ts';
import { openAudit } from './audit.ts';
import { notReady } from './health.ts';
import { openServerClock } from './server-clock.ts';
import { type Access, accessOf } from './access.ts';
import { ratesOf } from './gate.ts';
import { describeRecords } from './describe-records.ts';
import type { AnyRegistration } from './open-services.ts';
import { openTelemetry } from './telemetry.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { clusterOf } from './cluster-options.ts';
import { equalSettingsOf } from './equal-settings.ts';
import { requireNoImport } from './moving/import-row.ts';
import { ownerLog } from './owner-log.ts';
import { serveReads } from './serve-reads.ts';
import { serve, serveOwn } from './serve.ts';

/** The sections of `nagare.yaml` that can be declared. */
export const sections = sectionsOf(registrations);

/** A running server. */
export interface NagareServer {
  /** `http://127.0.0.1:4566`, with the actual port. */
  readonly endpoint: string;
  readonly auth: Access['auth'];
  /** Reads the certificate again, for new connections. Rejects, and keeps the old one, when it cannot be used. */
  renewCertificate(): Promise<void>;
  /** Begins new files under the configured paths: another program may have renamed the present ones. */
  reopenLogs(): void;
  /**
   * Resolves with the reason when another process has taken over the data folder, or when this one can no longer follow
   * the shared log: then only `close` may be called.
   */
  readonly lost: Promise<Error>;
  /** Stops accepting requests, lets open ones end, and stops the services in reverse order. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the engine and the services, in the order of their needs. When one fails to open, those already open are
 * stopped.
 */
export async function startServer(
  config: Config,
  log: Log,
  services: readonly AnyRegistration[] = registrations,
  shared = clusterOf(config),
): Promise<NagareServer> {
  const lifecycle = new Lifecycle();
  const opening = Promise.withResolvers<HttpHandler>();
  try {
    // Opened first, so that everything that writes to the folder has stopped before the folder is released.
    const data = lifecycle.called(await openDataFolder(config.dataDir));
    const refused = await closeToOthers(data.path);
    if (refused.length > 0) {
      log.warn(
        { path: refused[0], count: refused.length },
        'other users have access to parts of the data folder',
      );
    }
    const opened = await open({ config, log, services, lifecycle, data, opening, shared });
    return { ...opened, close: () => lifecycle.close() };
  } catch (error) {
    // Answers waiting requests, so that clients retry. The caller of startServer reports the error.
    opening.resolve(() => Promise.resolve({ status: 503, headers: {} }));
    await lifecycle.close();
    throw error;
  }
}

interface Opening {
  readonly config: Config;
  readonly log: Log;
  readonly services: readonly AnyRegistration[];
  readonly lifecycle: Lifecycle;
  readonly data: DataFolder;
  /** Resolves with the request handler once all services are open. */
  readonly opening: PromiseWithResolvers<HttpHandler>;
  /** The log that this server shares with others; undefined for a server of its own. */
  readonly shared: ClusterOptions | undefined;
}

async function open({
  config,
  log,
  services,
  lifecycle,
  data,
  opening,
  shared,
}: Opening): Promise<Omit<NagareServer, 'close'>> {
  const { host, port } = config;

  // The port is opened before the services: functions need to know the address before any of them runs. Requests wait
  // until all services are open.
  let handler = whileOpening(opening.promise);
  const handles = shareHandles(openFilesMax());
  const access = await accessOf(config);
  const metrics = new MetricRegistry();
  const connecting = connectingOf(config, access, metrics, handles.connections);
  const readCertificate = certificateReader(config);
  const tls = readCertificate && { tls: await readCertificate() };
  const http = lifecycle.door(
    await listen({ host, port, handler: (request) => handler(request), log, ...connecting, ...tls }),
  );
  const endpoint = addressOf(http);

  const audit = await openAudit({ config, log, metrics });
  const openSegmentsMax = Math.min(engineLimits.openSegmentsMax, handles.keptFiles);
  const { clock, route } = lifecycle.called(await openServerClock(data, log));
  const engineOptions = engineOptionsOf(data, { clock, log, metrics, openSegmentsMax });
  const cluster =
    shared &&
    lifecycle.called(
      await Cluster.open(shared, {
        ...engineOptions,
        endpoint: forOthers(endpoint, access),
        settings: await equalSettingsOf(config, access),
      }),
    );
  const engine = cluster === undefined ? await openOwn(engineOptions, lifecycle) : () => cluster.engine;
  const routes = cluster === undefined ? [route] : [route, cluster.route];
  // Stopped after the last request, as the audit log.
  const telemetry = openTelemetry(config, { log, metrics }, lifecycle);
  const common = { config, log, data, engine, clock, metrics, access };
  const parts = { ...common, audit, telemetry, endpoint, routes, cluster };
  if (cluster === undefined) {
    const serving = await serve(parts, services);
    lifecycle.caller({ close: () => serving.quiesce() });
    lifecycle.called(serving);
    handler = serving.handler;
  } else {
    cluster.serveWith(async () => {
      requireNoImport(cluster.engine);
      return await serve({ ...parts, log: ownerLog(log) }, services);
    });
    cluster.readWith(log, (watch) => serveReads(parts, services, watch));
    lifecycle.caller({ close: () => cluster.retire() });
    handler = cluster.handlerWith(serveOwn(parts, lifecycle));
  }
  // Stopped after the last request, before the stream that it may go to.
  lifecycle.called(audit);
  opening.resolve(handler);
  return {
    endpoint,
    auth: access.auth,
    lost: cluster === undefined ? data.lost : Promise.race([data.lost, cluster.lost]),
    reopenLogs: () => audit.reopen(),
    renewCertificate: async () => {
      if (readCertificate !== undefined) http.renewCertificate(await readCertificate());
    },
  };
}

async function openOwn(options: EmbeddedEngineOptions, lifecycle: Lifecycle): Promise<() => Engine> {
  const engine = lifecycle.called(await openEmbeddedEngine(options));
  return () => engine;
}

/** Whether the server is alive and ready is answered at once; other requests wait until all services are open. */
function whileOpening(opened: Promise<HttpHandler>): HttpHandler {
  return async (request) => {
    if (isHealthCheck(request)) return request.path === '/health/live' ? liveness() : notReady();
    return (await opened)(request);
  };
}

/** Who may connect. */
function connectingOf(config: Config, access: Access, metrics: MetricRegistry, handles: number) {
  const refused = metrics.metric('Nagare/Limits', 'RefusedConnections', 'Count');
  const { trustedProxies = [] } = config;
  return {
    connectionsMax: Math.min(serverLimits.connectionsMax, handles),
    plaintext: access.plaintext,
    addressConnectionsMax: ratesOf(config, access.auth).connections,
    onTooMany: () => refused.add(1),
    ...(trustedProxies.length > 0 && { proxies: new TrustedProxies(trustedProxies) }),
  };
}

/** Undefined without TLS. */
function certificateReader({ tls, dataDir, host }: Config): (() => Promise<ServerCertificate>) | undefined {
  return tls && (() => certificateFor(tls, certificateFolder(dataDir), host));
}

interface EngineContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricRegistry;
  readonly openSegmentsMax: number;
}

function engineOptionsOf(
  { path, fence, mayHaveOlderWriter }: DataFolder,
  { clock, log, metrics, openSegmentsMax }: EngineContext,
): EmbeddedEngineOptions {
  const damagedReads = metrics.metric('Nagare/Engine', 'DamagedReads', 'Count');
  return {
    folder: join(path, 'engine'),
    fence,
    mayHaveOlderWriter,
    bounds: { openSegmentsMax },
    clock,
    log,
    describeRecords,
    onDamage: () => damagedReads.add(1),
  };
}

function forOthers(endpoint: string, { plaintext }: Access): string {
  return plaintext === 'everyone' ? endpoint : endpoint.replace('http:', 'https:');
}

/** A server that listens on all addresses is called by that of the loopback. */
function addressOf({ host: listening, port }: { readonly host: string; readonly port: number }): string {
  const host = listening === '0.0.0.0' ? '127.0.0.1' : listening === '::' ? '::1' : listening;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
