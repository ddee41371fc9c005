import { createPageAdmission } from '../auth/admission.ts';
import { ServedHosts } from '../auth/hosts.ts';
import { earlierChanges } from '../audit/earlier-changes.ts';
import { RecentChanges } from '../audit/recent-changes.ts';
import { RequestFeed } from '../audit/request-feed.ts';
import type { RequestGate } from '../auth/gate.ts';
import type { Config } from '../config.ts';
import { Assets } from '../console/assets.ts';
import { Console } from '../console/console-pages.ts';
import type { Views } from '../console/views.ts';
import { LocalCalls } from '../protocol/local-calls.ts';
import type { ServerInfo } from '../protocol/server-info.ts';
import { systemClock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import type { Access } from './access.ts';
import type { AnyRunningService } from './open-services.ts';

export interface ConsoleParts extends Pick<Views, 'metrics' | 'clock' | 'health' | 'catalog' | 'support'> {
  readonly config: Config;
  readonly access: Access;
  readonly running: readonly AnyRunningService[];
  readonly server: ServerInfo;
  readonly gate: RequestGate | undefined;
  readonly activity: ConsoleActivity | undefined;
}

/** What is remembered of requests for the console. */
export interface ConsoleActivity {
  readonly changes: RecentChanges;
  readonly requests: RequestFeed;
}

/** Undefined if the console is off: nothing is remembered then. */
export function consoleActivity({ console: mode, audit }: Config, log: Log): ConsoleActivity | undefined {
  if (mode === 'off') return undefined;
  const file = audit?.file;
  const earlier = (beforeMs: number) =>
    file === undefined ? Promise.resolve([]) : earlierChanges(file, beforeMs);
  return { changes: new RecentChanges(log, systemClock, earlier), requests: new RequestFeed(systemClock) };
}

/** Undefined if the console is off, or if there are no streams to show. */
export function consoleOf(parts: ConsoleParts): Console | undefined {
  const { config, access, running, server, gate, metrics, clock, health, catalog, activity, support } = parts;
  const { console: mode = 'on', region, accountId } = config;
  const inspector = running.find((one) => one.streamInspector !== undefined)?.streamInspector;
  const source = running.find((one) => one.offers !== undefined && 'streams' in one.offers)?.offers?.streams;
  if (activity === undefined || mode === 'off' || inspector === undefined || source === undefined)
    return undefined;
  const objects = running.find((one) => one.offers !== undefined && 'buckets' in one.offers)?.offers?.buckets;
  const services = running.flatMap(({ service }) => service ?? []);
  const calls = new LocalCalls(services, { ...server, changes: activity.changes.observer('console') });
  const hosts = new ServedHosts(config.host, config.allowedHosts);
  return new Console({
    mode,
    views: {
      ...activity,
      source,
      inspector,
      elsewhere: objects?.elsewhere,
      calls,
      metrics,
      catalog,
      clock,
      health,
      support,
      machine: {
        dataFolder: config.dataDir,
        startedMs: clock.now() - Math.round(process.uptime() * 1000),
        settings: config.written ?? [],
      },
      region,
      accountId,
    },
    assets: new Assets(),
    refusal: createPageAdmission(config),
    namesBucket: ({ authority }) => hosts.find(authority)?.bucket !== undefined,
    keys: access.keys,
    guard: server.guard,
    onWrongKey: (request) => gate?.fail(request, { kind: 'wrong-signature', message: '' }) ?? 0,
    log: server.log,
  });
}
