import { createAdmission } from '../auth/admission.ts';
import type { Config } from '../config.ts';
import type { Principal } from '../auth/principal.ts';
import type { DataFolder } from '../data-folder/data-folder.ts';
import type { Engine } from '../engine/engine.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import type { MetricRegistry } from '../metrics.ts';
import { openStreams } from '../protocol/open-streams.ts';
import { createDispatcher, type DispatcherOptions } from '../protocol/dispatch.ts';
import type { GuardedClock } from '../support/guarded-clock.ts';
import type { Lifecycle } from '../support/lifecycle.ts';
import type { Access, protectionOf } from './access.ts';
import type { openAudit } from './audit.ts';
import { gateOf } from './gate.ts';
import { healthOf, type HealthDependencies } from './health.ts';
import { metricsHandler, metricsRoute, scrapeAccess } from './metrics.ts';
import { observerOf } from './observers.ts';
import type { AnyRunningService } from './open-services.ts';
import { ownActions } from './own-actions.ts';
import { readersRoute } from './readers.ts';
import type { Telemetry } from './telemetry.ts';
import { CONSOLE_LOGIN_PATH, consoleLoginRoute } from './console-login.ts';
import { consoleActivity, consoleOf } from './console-pages.ts';
import { SupportArchives, supportRoute } from './support/support.ts';

export interface HandlerParts {
  readonly config: Config;
  readonly access: Access;
  readonly audit: Awaited<ReturnType<typeof openAudit>>;
  /** Undefined if nothing is exported. */
  readonly telemetry: Telemetry | undefined;
  readonly data: DataFolder;
  readonly engine: () => Engine;
  readonly clock: GuardedClock;
  readonly running: readonly AnyRunningService[];
  readonly common: Pick<DispatcherOptions, 'region' | 'accountId' | 'log' | 'clock'> & {
    readonly metrics: MetricRegistry;
  };
  readonly protection: ReturnType<typeof protectionOf>;
  readonly lifecycle: Lifecycle;
  /** Undefined for a server of its own. */
  readonly cluster: HealthDependencies['cluster'];
  /** Of nagare's own paths. */
  readonly routes: readonly Route[];
}

export type Route = (request: HttpRequest, principal: Principal) => Promise<HttpResponse | undefined>;

/** Answers all requests once everything is open. */
export function handlerOf(parts: HandlerParts): HttpHandler {
  const { config, access, audit, telemetry, data, clock, running, common, protection, lifecycle } = parts;
  const { routes, cluster, engine } = parts;
  const { metrics, region, accountId, log } = common;
  const services = [...running, audit, ...(telemetry === undefined ? [] : [telemetry])];
  const health = () => healthOf({ engine: engine(), clock, data, cluster, services });
  telemetry?.attach(health);
  const gate = gateOf(access, config, { audit, metrics });
  const activity = consoleActivity(config, log);
  const observer = observerOf(config, log, [audit.observer, telemetry?.observer, activity?.requests]);
  const changes = activity?.changes.observer('API');
  const streams = access.keys && lifecycle.caller(openStreams({ keys: access.keys, clock, log }));
  const server = { ...protection, region, accountId, log, observer, changes, streams };
  const { catalog } = engine();
  const support = new SupportArchives({
    config,
    clock,
    health,
    metrics,
    inspector: inspectorOf(parts),
    services: running.flatMap(({ service }) => service ?? []),
    server: { region, accountId, log },
  });
  const own = { config, access, running, server, gate, activity };
  const pages = consoleOf({ ...own, metrics, clock, health, catalog, support });
  if (pages !== undefined) lifecycle.caller(pages);
  const scrapes = metricsHandler({ registry: metrics, health });
  return createDispatcher({
    ...common,
    ...protection,
    pages,
    ownActions,
    signedPaths: [CONSOLE_LOGIN_PATH],
    openPaths: running.flatMap(({ openPaths }) => openPaths ?? []),
    health,
    metrics: { allows: scrapeAccess(scrapersOf(config, access)), answer: scrapes },
    admit: createAdmission(config),
    gate,
    observer,
    changes,
    streams,
    services: running.flatMap(({ service }) => service ?? []),
    reserved: firstOf([
      metricsRoute(scrapes),
      consoleLoginRoute(pages),
      supportRoute(support, activity?.changes),
      ...readersRoutes(parts),
      ...routes,
    ]),
  });
}

/** None on a machine whose services do not run. */
function readersRoutes(parts: HandlerParts): Route[] {
  const { clock, engine } = parts;
  const inspector = inspectorOf(parts);
  return inspector === undefined ? [] : [readersRoute({ inspector, clock, catalog: engine().catalog })];
}

/** Undefined on a machine whose services do not run. */
function inspectorOf({ running }: Pick<HandlerParts, 'running'>) {
  return running.find((one) => one.streamInspector !== undefined)?.streamInspector;
}

function scrapersOf({ metricsToken, insecurePlaintext = false }: Config, { auth }: Access) {
  return { auth, token: metricsToken?.token, behindProxy: insecurePlaintext };
}

/** Answers with the first route that handles the request. */
function firstOf(routes: readonly Route[]): NonNullable<DispatcherOptions['reserved']> {
  return async (request, principal) => {
    for (const route of routes) {
      const response = await route(request, principal);
      if (response !== undefined) return response;
    }
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not found\n' };
  };
}
