import { join } from 'node:path';
import { createAdmission } from '../auth/admission.ts';
import { Targets } from '../aws/targets.ts';
import type { Config } from '../config.ts';
import { closeToOthers } from '../data-folder/close-to-others.ts';
import { openDataFolder, type DataFolder } from '../data-folder/data-folder.ts';
import type { Engine } from '../engine/engine.ts';
import { openEmbeddedEngine } from '../engine/embedded/open.ts';
import { certificateFor, certificateFolder } from '../http/certificate.ts';
import type { Certificate } from '../http/self-signed.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import { listen } from '../http/server.ts';
import { MetricRegistry } from '../metrics.ts';
import { createDispatcher } from '../protocol/dispatch.ts';
import { registrations } from '../services/index.ts';
import { type Declarer, sectionsOf } from '../declarations/plan.ts';
import type { Clock } from '../support/clock.ts';
import { Egress, parseEgressException } from '../support/egress.ts';
import { Lifecycle } from '../support/lifecycle.ts';
import { engineLimits } from '../engine/limits.ts';
import { serverLimits } from './limits.ts';
import type { Log } from '../support/log.ts';
import { openFilesMax, shareHandles } from '../support/open-files.ts';
import { backupRoute } from './backup.ts';
import { scrubRoute } from './scrub.ts';
import { healthOf } from './health.ts';
import { openServerClock } from './server-clock.ts';
import { type Access, accessOf, verifierOf } from './access.ts';
import { applyRoute } from './apply.ts';
import { Declaring } from './declare.ts';
import { describeRecords } from './describe-records.ts';
import { type AnyRegistration, type AnyRunningService, openServices } from './open-services.ts';

/** The sections of `nagare.yaml` that can be declared. */
export const sections = sectionsOf(registrations);

/** A running server. */
export interface NagareServer {
  /** `http://127.0.0.1:4566`, with the actual port. */
  readonly endpoint: string;
  readonly auth: Access['auth'];
  /** Reads the certificate again, for new connections. Rejects, and keeps the old one, when it cannot be used. */
  renewCertificate(): Promise<void>;
  /** Resolves with the reason when another process has taken over the data folder: then only `close` may be called. */
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
    const opened = await open({ config, log, services, lifecycle, data, opening });
    return { ...opened, lost: data.lost, close: () => lifecycle.close() };
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
}

async function open({
  config,
  log,
  services,
  lifecycle,
  data,
  opening,
}: Opening): Promise<Pick<NagareServer, 'endpoint' | 'auth' | 'renewCertificate'>> {
  const { host, port, region, accountId, dataDir } = config;

  // The port is opened before the services: functions need to know the address before any of them runs. Requests wait
  // until all services are open.
  let handler: HttpHandler = async (request) => (await opening.promise)(request);
  const handles = shareHandles(openFilesMax());
  const access = await accessOf(config);
  const connecting = {
    connectionsMax: Math.min(serverLimits.connectionsMax, handles.connections),
    plaintext: access.plaintext,
  };
  const readCertificate = certificateReader(config);
  const tls = readCertificate && { tls: await readCertificate() };
  const http = lifecycle.door(
    await listen({ host, port, handler: (request) => handler(request), log, ...connecting, ...tls }),
  );
  const endpoint = addressOf(http);

  const metrics = new MetricRegistry();
  const openSegmentsMax = Math.min(engineLimits.openSegmentsMax, handles.keptFiles);
  const { clock, route } = lifecycle.called(await openServerClock(data, log));
  const engine = lifecycle.called(await openEngine(data, { clock, log, metrics, openSegmentsMax }));
  const common = { engine, clock, metrics, log, region, accountId };
  const egress = egressOf(config, endpoint);
  const context = {
    ...common,
    fence: data.fence,
    config,
    endpoint: () => endpoint,
    ownKeys: access.keys,
    egress,
    targets: new Targets(),
  };
  const running = await openServices(services, context, lifecycle);
  const declaring = new Declaring(declarersOf(running), engine.catalog, log);
  const options = { allowReshard: config.allowReshard ?? false, baseDir: config.baseDir };
  await declaring.atStart(config.declarations, options, () => {
    for (const service of running) service.start?.();
  });

  const offered = running.flatMap(({ service }) => service ?? []);
  handler = createDispatcher({
    ...common,
    verifier: verifierOf(access, config, offered),
    openPaths: running.flatMap(({ openPaths }) => openPaths ?? []),
    health: () => healthOf({ engine, clock, data, services: running }),
    admit: createAdmission(config),
    services: offered,
    reserved: firstOf([
      applyRoute(declaring, sectionsOf(services)),
      route,
      ...dataRoutes({ dataDir, running, clock, log }),
    ]),
  });
  opening.resolve(handler);
  return {
    endpoint,
    auth: access.auth,
    renewCertificate: async () => {
      if (readCertificate !== undefined) http.renewCertificate(await readCertificate());
    },
  };
}

/** The routes that copy and check data, and those of the services. */
function dataRoutes({
  dataDir,
  running,
  clock,
  log,
}: {
  readonly dataDir: string;
  readonly running: readonly AnyRunningService[];
  readonly clock: Clock;
  readonly log: Log;
}): Route[] {
  return [
    backupRoute(
      dataDir,
      running.flatMap(({ backup }) => backup ?? []),
    ),
    scrubRoute({ dataDir, scrubs: running.flatMap(({ scrub }) => scrub ?? []), clock, log }),
    ...running.flatMap((service) => service.route ?? []),
  ];
}

/** Undefined without TLS. */
function certificateReader({ tls, dataDir, host }: Config): (() => Promise<Certificate>) | undefined {
  return tls && (() => certificateFor(tls, certificateFolder(dataDir), host));
}

interface EngineContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricRegistry;
  readonly openSegmentsMax: number;
}

function openEngine(
  { path, fence, mayHaveOlderWriter }: DataFolder,
  { clock, log, metrics, openSegmentsMax }: EngineContext,
): Promise<Engine> {
  const damagedReads = metrics.metric('Nagare/Engine', 'DamagedReads', 'Count');
  return openEmbeddedEngine({
    folder: join(path, 'engine'),
    fence,
    mayHaveOlderWriter,
    bounds: { openSegmentsMax },
    clock,
    log,
    describeRecords,
    onDamage: () => damagedReads.add(1),
  });
}

/** Keyed by section, in the order in which the services were opened. */
function declarersOf(running: readonly AnyRunningService[]): Map<string, Declarer> {
  const declarers = new Map<string, Declarer>();
  for (const { declares, declarer } of running) {
    if (declarer !== undefined) for (const { name } of declares) declarers.set(name, declarer);
  }
  return declarers;
}

type Route = (request: HttpRequest) => Promise<HttpResponse | undefined>;

/** Answers with the first route that handles the request. */
function firstOf(routes: readonly Route[]): HttpHandler {
  return async (request) => {
    for (const route of routes) {
      const response = await route(request);
      if (response !== undefined) return response;
    }
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not found\n' };
  };
}

/** Other ports of this machine stay reachable. */
function egressOf({ egressAllowed }: Config, endpoint: string): Egress {
  return new Egress({
    allowed: egressAllowed.flatMap((text) => parseEgressException(text) ?? []),
    ownPort: () => Number(new URL(endpoint).port),
    refuseLoopback: false,
  });
}

/** A server that listens on all addresses is called by that of the loopback. */
function addressOf({ host: listening, port }: { readonly host: string; readonly port: number }): string {
  const host = listening === '0.0.0.0' ? '127.0.0.1' : listening === '::' ? '::1' : listening;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
