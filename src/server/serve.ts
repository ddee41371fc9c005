import { ResourcePolicies } from '../aws/resource-policies.ts';
import { TaggedResources } from '../aws/tagged-resources.ts';
import { Targets } from '../aws/targets.ts';
import type { Config } from '../config.ts';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { type Declarer, sectionsOf } from '../declarations/plan.ts';
import type { Engine } from '../engine/engine.ts';
import type { HttpHandler } from '../http/message.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { Clock } from '../support/clock.ts';
import { unrecordedWork, type WorkSpans } from '../support/work-spans.ts';
import { callersTraces } from '../protocol/trace-context.ts';
import { Egress, parseEgressException } from '../support/egress.ts';
import type { GuardedClock } from '../support/guarded-clock.ts';
import type { ServiceContext } from '../services/registration.ts';
import { Lifecycle } from '../support/lifecycle.ts';
import type { Log } from '../support/log.ts';
import { type Access, protectionOf } from './access.ts';
import { actingOf } from './acting.ts';
import { applyRoute } from './apply.ts';
import type { Audit } from './audit.ts';
import { backupRoute } from './backup.ts';
import { Declaring } from './declare.ts';
import { describeRoute } from './describe.ts';
import { handlerOf, type HandlerParts, type Route } from './handler.ts';
import { type AnyRegistration, type AnyRunningService, openServices } from './open-services.ts';
import { scrubRoute } from './scrub.ts';

/** What exists as long as the process, whether its services run or not. */
export interface ServerParts {
  readonly config: Config;
  readonly log: Log;
  readonly data: DataFolder;
  /** A standby that begins again with a snapshot gets another one. */
  readonly engine: () => Engine;
  readonly clock: GuardedClock;
  readonly metrics: MetricRegistry;
  readonly access: Access;
  readonly audit: Audit;
  readonly telemetry: HandlerParts['telemetry'];
  readonly endpoint: string;
  /** Answers that need no service. */
  readonly routes: readonly Route[];
  readonly cluster: HandlerParts['cluster'];
}

/** The running services, and what answers requests with them. */
export interface Serving {
  readonly handler: HttpHandler;
  /** Stops what sends requests. */
  quiesce(): Promise<void>;
  /** Stops the rest. */
  close(): Promise<void>;
}

/** Opens the services, in the order of their needs. When one fails to open, those already open are stopped. */
export async function serve(parts: ServerParts, services: readonly AnyRegistration[]): Promise<Serving> {
  const lifecycle = new Lifecycle();
  try {
    const handler = await open(parts, services, lifecycle);
    return { handler, quiesce: () => lifecycle.quiesce(), close: () => lifecycle.close() };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

async function open(
  parts: ServerParts,
  services: readonly AnyRegistration[],
  lifecycle: Lifecycle,
): Promise<HttpHandler> {
  const { config, log, clock, metrics, access, audit } = parts;
  const { region, accountId, dataDir } = config;
  const engine = parts.engine();
  const common = { engine, clock, metrics, log, region, accountId };
  const context = contextOf(parts);
  const running = await openServices(services, context, lifecycle);
  audit.attach(running);
  const protection = protectionOf(access, config, running, context);
  const declaring = await declareAndStart(running, engine, config, log);

  return handlerOf({
    ...parts,
    running,
    common,
    protection,
    lifecycle,
    routes: [
      applyRoute(declaring, sectionsOf(services)),
      describeRoute(declaring),
      ...parts.routes,
      ...dataRoutes({ dataDir, running, clock, log }),
    ],
  });
}

/** What the services get. */
export function contextOf(parts: ServerParts): ServiceContext {
  const { config, log, data, clock, metrics, access, endpoint } = parts;
  const { region, accountId } = config;
  const spans = parts.telemetry?.spans ?? unrecordedWork;
  return {
    engine: parts.engine(),
    clock,
    metrics,
    log,
    region,
    accountId,
    sharesLog: parts.cluster !== undefined,
    fence: data.fence,
    config,
    endpoint: () => endpoint,
    ownKeys: access.keys,
    egress: egressOf(config, endpoint),
    spans,
    traces: parts.telemetry?.observer ?? callersTraces,
    ...registries(access, { log, metrics, spans }),
  };
}

/** Answers what needs no service, for the root key only: on a machine whose services may not run. */
export function serveOwn(parts: ServerParts, lifecycle: Lifecycle): HttpHandler {
  const { config, log, clock, metrics, access } = parts;
  const { region, accountId } = config;
  return handlerOf({
    ...parts,
    running: [],
    common: { clock, metrics, log, region, accountId },
    protection: protectionOf(access, config, [], registries(access, { log, metrics, spans: unrecordedWork })),
    lifecycle,
  });
}

/** What services register themselves with, and what decides about their own actions. */
function registries(
  access: Access,
  { spans, ...told }: { readonly log: Log; readonly metrics: MetricRegistry; readonly spans: WorkSpans },
) {
  const acting = actingOf(access, told);
  return {
    acting,
    targets: new Targets(acting, spans),
    taggedResources: new TaggedResources(),
    resourcePolicies: new ResourcePolicies(),
  };
}

/** Applies the declarations, and starts what calls other services. */
async function declareAndStart(
  running: readonly AnyRunningService[],
  { catalog }: Engine,
  { allowReshard = false, baseDir, declarations }: Config,
  log: Log,
): Promise<Declaring> {
  const declaring = new Declaring(declarersOf(running), catalog, log);
  await declaring.atStart(declarations, { allowReshard, baseDir }, () => {
    for (const service of running) service.start?.();
  });
  return declaring;
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

/** Keyed by section, in the order in which the services were opened. */
function declarersOf(running: readonly AnyRunningService[]): Map<string, Declarer> {
  const declarers = new Map<string, Declarer>();
  for (const { declares, declarer } of running) {
    if (declarer !== undefined) for (const { name } of declares) declarers.set(name, declarer);
  }
  return declarers;
}

/** Other ports of this machine stay reachable. */
function egressOf({ egressAllowed }: Config, endpoint: string): Egress {
  return new Egress({
    allowed: egressAllowed.flatMap((text) => parseEgressException(text) ?? []),
    ownPort: () => Number(new URL(endpoint).port),
    refuseLoopback: false,
  });
}
