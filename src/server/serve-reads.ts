import { createAdmission } from '../auth/admission.ts';
import { readOnly } from '../engine/read-only-engine.ts';
import type { WatchRows } from '../engine/watch-rows.ts';
import type { HttpHandler, HttpRequest } from '../http/message.ts';
import { MetricRegistry } from '../metrics.ts';
import { createDispatcher, createLookup, createRoutes } from '../protocol/dispatch.ts';
import type { RequestObserver } from '../protocol/observer.ts';
import { Lifecycle } from '../support/lifecycle.ts';
import { protectionOf } from './access.ts';
import { gateOf } from './gate.ts';
import { requireNoImport } from './moving/import-row.ts';
import { observerOf } from './observers.ts';
import { type AnyRegistration, openServices } from './open-services.ts';
import { contextOf, type ServerParts } from './serve.ts';
import type { StandbyContext } from '../services/registration.ts';
import { declaredNames } from './declared-before.ts';

/** Services that only read, at a machine that does not own the shared log. */
export interface ReadServing {
  /** Whether these services have the operation of a request. `body` is needed if the operation is named there. */
  has(request: HttpRequest, body?: Buffer): boolean | 'named-in-body';
  readonly handler: HttpHandler;
  close(): Promise<void>;
}

/** Opens what services have for a standby. Rejects with NotOwnerError while the log has nothing yet. */
export async function serveReads(
  parts: ServerParts,
  services: readonly AnyRegistration[],
  watch: WatchRows,
): Promise<ReadServing> {
  requireNoImport(parts.engine());
  const lifecycle = new Lifecycle();
  try {
    return { ...(await open(parts, services, watch, lifecycle)), close: () => lifecycle.close() };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}

async function open(
  parts: ServerParts,
  services: readonly AnyRegistration[],
  watch: WatchRows,
  lifecycle: Lifecycle,
): Promise<Omit<ReadServing, 'close'>> {
  const { config, log, clock, audit, telemetry } = parts;
  const { region, accountId } = config;
  // Those of the owner's services are for all of nagare's paths.
  const access = { ...parts.access, keys: parts.access.keys?.apart() };
  // The owner alone stores metrics: what this machine has counted until it takes over would be at a wrong time.
  const metrics = new MetricRegistry();
  const engine = readOnly(parts.engine());
  const context = contextOf({ ...parts, access, metrics, engine: () => engine });
  let isBroken = false;
  const guarded: WatchRows = (tables, onChange) =>
    watch(tables, (changed) => {
      try {
        onChange(changed);
      } catch (error) {
        isBroken = true;
        log.error({ err: error }, 'this standby cannot answer reads any more: the owner answers them');
      }
    });
  const declared: StandbyContext['declared'] = (section) => declaredNames(engine.catalog, section);
  const running = await openServices(atStandby(services, { watch: guarded, declared }), context, lifecycle);
  const own = running.flatMap(({ service }) => service ?? []);
  const options = {
    ...protectionOf(access, config, running, context),
    region,
    accountId,
    log,
    clock,
    admit: createAdmission(config),
    gate: gateOf(access, config, { audit, metrics }),
    observer: ofAnswers(observerOf(config, log, [audit.observer, telemetry?.observer])),
    services: own,
  };
  const routesOf = createRoutes(options);
  const lookUp = createLookup(options, routesOf);
  return {
    has: (request, body) => !isBroken && lookUp(request, body),
    handler: createDispatcher(options, routesOf),
  };
}

function atStandby(
  services: readonly AnyRegistration[],
  known: Pick<StandbyContext, 'watch' | 'declared'>,
): AnyRegistration[] {
  return services.flatMap(({ name, atStandby: reading }) =>
    reading === undefined
      ? []
      : [
          {
            name,
            needs: reading.needs,
            offers: reading.offers,
            open: (context, contracts: never) => reading.open({ ...context, ...known }, contracts),
          },
        ],
  );
}

/** What fails here is asked of the owner, which tells its own observers. */
function ofAnswers(observer: RequestObserver | undefined): RequestObserver | undefined {
  return (
    observer && {
      get isWatching() {
        return observer.isWatching;
      },
      answered(answered) {
        if (isAnswer(answered.response)) observer.answered(answered);
      },
    }
  );
}

export function isAnswer({ status }: { readonly status: number }): boolean {
  return status < 400;
}
