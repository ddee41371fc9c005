import {
  openSharedEngine,
  type SharedEngine,
  type SharedEngineOptions,
  type SnapshotPlace,
} from '../engine/shared/open.ts';
import type { WatchRows } from '../engine/watch-rows.ts';
import type { OwnerInfo } from '../engine/shared/shared-log.ts';
import { Forwarder, type ForwarderOptions } from '../http/forwarder.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/message.ts';
import { isHealthCheck, isScrape } from '../protocol/own-routes.ts';
import { systemClock, type Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { version } from '../support/version.ts';
import { BACKUP_PATH } from './backup.ts';
import { answerCommand, CLUSTER_PATH, isCommand } from './command.ts';
import { Doorway } from './door.ts';
import { type EqualSettings, SettingsCheck } from './equal-settings.ts';
import { Forwarding } from './forwarding.ts';
import type { Route } from './handler.ts';
import type { ClusterHealth } from './health.ts';
import { METRICS_PATH } from './metrics.ts';
import { RoleKeeper } from './role-keeper.ts';
import { SCRUB_PATH } from './scrub.ts';
import type { ReadServing } from './serve-reads.ts';
import type { Serving } from './serve.ts';
import { CLOCK_PATH } from './server-clock.ts';
import type { Durability, OpenedLog } from './shared-log.ts';
import { snapshotHealth } from './snapshots.ts';
import { StandbyReads } from './standby-reads.ts';

/** How a server shares a log with others. */
export interface ClusterOptions extends Pick<ForwarderOptions, 'tls'> {
  readonly openLog: (parts: { readonly clock: Clock; readonly log: Log }) => Promise<OpenedLog>;
  /** At which other machines reach this one; its own endpoint by default. */
  readonly url?: string | undefined;
  readonly takeOverAfterMs?: number | undefined;
  /** How old reads of a standby may be; without it the owner answers them all. */
  readonly readAgeMaxMs?: number | undefined;
  /** Without it the log is never trimmed. */
  readonly openSnapshots?: (() => Promise<SnapshotPlace>) | undefined;
}

interface ClusterParts {
  readonly options: ClusterOptions;
  readonly shared: SharedEngine;
  readonly doorway: Doorway;
  readonly roles: RoleKeeper;
  readonly check: SettingsCheck;
  readonly durability: Durability;
}

/** A server's part in a cluster: its services run while it owns the shared log, and only then. */
export class Cluster {
  readonly #shared: SharedEngine;
  readonly #doorway: Doorway;
  readonly #roles: RoleKeeper;
  readonly #check: SettingsCheck;
  readonly #durability: Durability;
  readonly #options: ClusterOptions;

  private constructor(parts: ClusterParts) {
    this.#options = parts.options;
    this.#shared = parts.shared;
    this.#doorway = parts.doorway;
    this.#roles = parts.roles;
    this.#check = parts.check;
    this.#durability = parts.durability;
  }

  static async open(
    options: ClusterOptions,
    engine: Omit<SharedEngineOptions, 'shared'> & {
      readonly endpoint: string;
      /** What the machines need alike. */
      readonly settings: EqualSettings;
    },
  ): Promise<Cluster> {
    const { tls, openLog, openSnapshots, takeOverAfterMs, url = engine.endpoint } = options;
    // What cannot be used is noticed at the start, and not when a request is forwarded.
    await tls?.();
    const { settings } = engine;
    const check = new SettingsCheck(settings, engine.log);
    const forwarder = new Forwarder({ clock: systemClock, ...(tls && { tls }) });
    const forwarding = new Forwarding(forwarder, engine.log);
    const doorway = new Doorway({
      clock: systemClock,
      forward: (outgoing, to) => forwarding.forward(outgoing, to),
      read: (outgoing) => roles.read(outgoing),
    });
    const roles = new RoleKeeper({ doorway, forwarding, check, log: engine.log, url });
    const { log, durability } = await openLog({ clock: systemClock, log: engine.log });
    const snapshots = await openSnapshots?.();
    const shared = await openSharedEngine({
      ...engine,
      snapshots,
      shared: {
        log,
        self: { url, version: version(), settings },
        // The server's own clock does not follow a jump of the machine's.
        timers: systemClock,
        random: Math.random,
        ...(takeOverAfterMs !== undefined && { takeOverAfterMs }),
        yields: () => check.isOdd,
        onRole: (role) => roles.become(role),
        onOwner: () => roles.look(),
      },
    }).catch(async (error: unknown) => {
      snapshots?.close?.();
      await log.close();
      throw error;
    });
    roles.follow(shared.member);
    return new Cluster({ options, shared, doorway, roles, check, durability });
  }

  get engine() {
    return this.#shared.engine;
  }

  get lost(): Promise<Error> {
    return this.#shared.member.lost;
  }

  /** Opens the services whenever this machine owns the log, from now on. */
  serveWith(open: () => Promise<Serving>): void {
    this.#roles.serveWith(open);
  }

  /** Lets this machine answer reads while it is a standby, if the settings say how old they may be. */
  readWith(log: Log, open: (watch: WatchRows) => Promise<ReadServing>): void {
    const { readAgeMaxMs: ageMaxMs } = this.#options;
    if (ageMaxMs === undefined) return;
    const shared = this.#shared;
    this.#roles.readWith(
      new StandbyReads({
        member: shared.member,
        copy: () => shared.copy,
        ageMaxMs,
        clock: systemClock,
        log,
        open: () => open(shared.copy.watch),
      }),
    );
  }

  /** `own` answers what needs no service, on a machine whose services do not run. */
  handlerWith(own: HttpHandler): HttpHandler {
    return async (request) => {
      const { door } = this.#doorway;
      if (request.path === CLUSTER_PATH) return await own(request);
      if (isForEach(request)) return await (door.kind === 'here' ? door.handler : own)(request);
      if (door.kind !== 'here' && isOfFolder(request)) return notOwner(this.#shared.member.status().owner);
      return await this.#doorway.pass(request);
    };
  }

  async health(): Promise<ClusterHealth> {
    const { member, snapshots } = this.#shared;
    const { role, term, owner } = member.status();
    const { door } = this.#doorway;
    return {
      role,
      term,
      lag: role === 'owner' ? 0 : await member.lag().catch(() => 'unknown' as const),
      owner: owner?.url ?? null,
      serving: door.kind === 'here' && door.isCurrent(),
      waiting: this.#doorway.waiting,
      durability: this.#durability,
      takeovers: this.#roles.takeovers,
      ...this.#roles.forwarding,
      differences: this.#check.differencesFrom(owner),
      standbyReads: this.#roles.reads?.counts ?? null,
      snapshots: snapshots === undefined ? null : snapshotHealth(snapshots.status()),
    };
  }

  /** Answers `nagare cluster`. */
  get route(): Route {
    return async (request) => {
      if (request.path !== CLUSTER_PATH) return undefined;
      if (request.method === 'GET') return answerCommand(200, await this.health());
      const { member } = this.#shared;
      if (isCommand(request, 'promote')) await member.promote();
      else if (isCommand(request, 'demote')) {
        if (member.status().role !== 'owner')
          return answerCommand(409, { message: 'this machine does not own the shared log' });
        await this.#roles.leave(() => member.demote());
      } else if (isCommand(request, 'snapshot')) {
        const { snapshots } = this.#shared;
        if (snapshots === undefined)
          return answerCommand(409, { message: 'this machine was started without --snapshots' });
        // It may take hours: /health tells when it is there.
        void snapshots.take().catch(() => undefined);
      } else return answerCommand(400, { message: 'the commands are promote, demote and snapshot' });
      return answerCommand(200, await this.health());
    };
  }

  /**
   * Stops the services, and hands over the ownership. From then on requests in progress are sent on to the next owner:
   * nobody waits for those whose clients take their time.
   */
  retire(): Promise<void> {
    return this.#roles.retire(() => this.#shared.member.retire());
  }

  /** Releases the folder, after the last request. */
  async close(): Promise<void> {
    await this.#roles.close();
    await this.#shared.close();
  }
}

/** Each machine answers about itself; all else is answered where the services run. */
function isForEach(request: HttpRequest): boolean {
  return isHealthCheck(request) || isScrape(request) || [METRICS_PATH, CLOCK_PATH].includes(request.path);
}

/** It is about files of the machine that the caller means, which may have the same paths on each machine. */
function isOfFolder({ path }: HttpRequest): boolean {
  return path === BACKUP_PATH || path === SCRUB_PATH;
}

function notOwner(owner: OwnerInfo | undefined): HttpResponse {
  const where = owner === undefined ? '' : `: ${owner.url} is the owner`;
  return answerCommand(409, { message: `only the owner of the shared log can do this${where}` });
}
