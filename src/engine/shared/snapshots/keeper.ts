import { sleep, type Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { reasonOf } from '../../../support/errno.ts';
import { pacer } from '../../../support/pace.ts';
import type { EngineCopy } from '../../embedded/open.ts';
import type { Replica } from '../../embedded/replica.ts';
import type { Member } from '../member.ts';
import type { SharedLog } from '../shared-log.ts';
import { belongsTo } from './belongs.ts';
import { collectSnapshots } from './collect.ts';
import { OtherSnapshotsError, SnapshotLostError } from './errors.ts';
import { GrowthOfLog } from './growth.ts';
import { snapshotLimits } from './limits.ts';
import type { Snapshot } from './manifest.ts';
import type { SnapshotRequests } from './requests.ts';
import type { RetentionSettings } from './retention.ts';
import { AbandonedTests, checkStore } from './self-test.ts';
import { completeOf, type Listed, type SnapshotList } from './snapshot-list.ts';
import { writeSnapshot, type KnownFiles } from './write-snapshot.ts';

export interface SnapshotSettings extends RetentionSettings {
  /** A snapshot is taken when the newest is so old, by the times in the log, ... */
  readonly everyMs: number;
  /** ... or when the log has grown by so much since. */
  readonly everyBytes: number;
  /** How much a snapshot reads, and writes to the store. */
  readonly bytesPerSecond: number;
  /** Of tests that must not write megabytes. */
  readonly partBytes?: number;
}

export interface KeeperOptions {
  readonly settings: SnapshotSettings;
  readonly list: SnapshotList;
  readonly requests: SnapshotRequests;
  readonly log: SharedLog;
  readonly member: Pick<Member, 'status' | 'bytesApplied'>;
  readonly copy: Pick<EngineCopy, 'capture'> & { readonly replica: Pick<Replica, 'place'> };
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Log;
}

export interface SnapshotStatus {
  /** The newest complete one; undefined if there is none, or before the first look. */
  readonly newest: Pick<Snapshot, 'id' | 'place'> | undefined;
  /** Its age by the times in the log, as far as this machine has followed it. */
  readonly ageMs: number | undefined;
  /** Where the shared log begins. */
  readonly first: number | undefined;
  readonly isWriting: boolean;
  /** Why the last look, snapshot or cleaning failed. */
  readonly problems: readonly string[];
}

/**
 * Takes snapshots when they are due, preferably at a standby; at the owner, removes those that are no longer kept, and
 * trims the shared log up to the oldest that is.
 */
export class SnapshotKeeper {
  readonly #options: KeeperOptions;
  readonly #closing = new AbortController();
  readonly #requests: SnapshotRequests;
  readonly #growth: GrowthOfLog;
  readonly #known: KnownFiles = new Map();
  /** Of snapshots that are not complete: their ETag, and since when this machine has seen it. */
  #pending = new Map<string, { readonly etag: string; readonly sinceMs: number }>();
  /** Begun by this process, which writes one at a time: what is left of them was cut off. */
  readonly #begun = new Set<string>();
  #newest: Snapshot | undefined;
  #first: number | undefined;
  readonly #abandonedTests = new AbandonedTests();
  /** Why the last look failed. */
  #problems: readonly string[] = [];
  /** What was wrong with snapshots. */
  #found: readonly string[] = [];
  /** Snapshots that were asked for, and those under way. */
  #writing = 0;
  #tested: Promise<void> | undefined;
  #collectedMs = -Infinity;
  #patience = 1;
  #running: Promise<void> | undefined;
  #round: Promise<unknown> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#requests = options.requests.until(this.#closing.signal);
    this.#growth = new GrowthOfLog(() => ({
      position: options.copy.replica.place?.position ?? -1,
      bytes: options.member.bytesApplied,
    }));
    this.#wait();
  }

  start(): void {
    this.#running = this.#run();
  }

  status(): SnapshotStatus {
    const newest = this.#newest;
    const nowMs = this.#options.copy.replica.place?.timeMs;
    return {
      newest,
      ageMs: newest && nowMs && Math.max(0, nowMs - newest.place.timeMs),
      first: this.#first,
      isWriting: this.#writing > 0,
      problems: [...this.#problems, ...this.#found],
    };
  }

  /** Takes a snapshot now. Returns the newest one after that: perhaps another machine was writing one. */
  async take(): Promise<Snapshot | undefined> {
    this.#writing++;
    try {
      await this.#inTurn(() => this.#look(true));
      return this.#newest;
    } catch (error) {
      this.#report(error);
      throw error;
    } finally {
      this.#writing--;
    }
  }

  /** Ends what is under way at the next step. */
  stop(): void {
    this.#closing.abort();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#running;
    await this.#round.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { clock, settings } = this.#options;
    const lookMs = Math.min(snapshotLimits.lookEveryMs, settings.everyMs / 4);
    while (!this.#closing.signal.aborted) {
      await this.#inTurn(() => this.#look(false)).catch((error: unknown) => this.#report(error));
      await sleep(clock, lookMs, this.#closing.signal);
    }
  }

  #report(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const text = reasonOf(error);
    if (this.#problems[0] !== text)
      this.#options.logger.warn({ err: error }, 'the snapshots of the shared log fail');
    this.#problems = [text];
  }

  /** One round at a time. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#round.then(work);
    this.#round = result.catch(() => undefined);
    return result;
  }

  async #look(isAsked: boolean): Promise<void> {
    const { log, member, clock, copy } = this.#options;
    this.#growth.note();
    const listed = await this.#readList();
    const place = copy.replica.place;
    // A machine that is behind would repeat an older snapshot.
    const isAhead = place !== undefined && place.position > (this.#newest?.place.position ?? -1);
    const { free, abandoned } = this.#sortPending(listed);
    if (free && isAhead && (isAsked || this.#isDue(place.timeMs))) await this.#write(abandoned);
    const sinceMs = clock.now() - this.#collectedMs;
    const isDue = isAsked || sinceMs < 0 || sinceMs >= snapshotLimits.collectEveryMs;
    const problems = member.status().role === 'owner' && isDue ? await this.#collect() : undefined;
    this.#first = (await log.bounds()).first;
    // What a collection has found stays until the next one.
    if (problems !== undefined || member.status().role !== 'owner') this.#found = problems ?? [];
    this.#problems = [];
  }

  /**
   * Throws OtherSnapshotsError: snapshots of another log must not be removed, and this log not be trimmed by them. The log
   * always reaches back to the newest one of its own.
   */
  async #readList(): Promise<readonly Listed[]> {
    const { list, log, clock } = this.#options;
    for (let unreachable: string | undefined; ;) {
      const listed = await list.read(this.#requests);
      const [newest] = completeOf(listed);
      if (newest === undefined || newest.id === this.#newest?.id) {
        this.#setNewest(newest);
        return listed;
      }
      if (await belongsTo(log, newest, { clock, signal: this.#closing.signal })) {
        this.#setNewest(newest);
        return listed;
      }
      // Perhaps a newer one came, and the log was trimmed up to that one.
      if (newest.id === unreachable)
        throw new OtherSnapshotsError(newest.id, 'the log begins after the newest snapshot');
      unreachable = newest.id;
    }
  }

  #setNewest(newest: Snapshot | undefined): void {
    if (newest?.id !== this.#newest?.id) this.#wait();
    this.#newest = newest;
  }

  #wait(): void {
    this.#patience = 1 + this.#options.random() * snapshotLimits.spread;
  }

  #isDue(nowMs: number): boolean {
    const { settings, member } = this.#options;
    if (this.#newest === undefined) return true;
    const { timeMs, position } = this.#newest.place;
    const factor = member.status().role === 'owner' ? snapshotLimits.ownerPatience : 1;
    const patience = this.#patience * factor;
    return (
      nowMs - timeMs >= settings.everyMs * patience ||
      this.#growth.since(position) >= settings.everyBytes * patience
    );
  }

  /** Whether no other machine writes a snapshot, and which one was cut off. */
  #sortPending(listed: readonly Listed[]): {
    readonly free: boolean;
    readonly abandoned: Listed | undefined;
  } {
    const nowMs = this.#options.clock.now();
    const before = this.#pending;
    this.#pending = new Map();
    let free = true;
    let abandoned: Listed | undefined;
    for (const one of listed) {
      if (one.snapshot === undefined || one.snapshot.isComplete) continue;
      const seen = before.get(one.key);
      const isSame = seen?.etag === one.etag && seen.sinceMs <= nowMs;
      const sinceMs = isSame ? seen.sinceMs : nowMs;
      this.#pending.set(one.key, { etag: one.etag, sinceMs });
      const isCutOff = this.#begun.has(one.snapshot.id) || nowMs - sinceMs >= snapshotLimits.abandonedAfterMs;
      if (isCutOff) abandoned = one;
      else free = false;
    }
    return { free, abandoned };
  }

  async #write(abandoned: Listed | undefined): Promise<void> {
    const { copy, settings, logger, list, clock } = this.#options;
    await (this.#tested ??= checkStore(this.#requests, list.prefix).catch((error: unknown) => {
      this.#tested = undefined;
      throw error;
    }));
    const capture = await copy.capture();
    if (capture === undefined) return;
    this.#writing++;
    try {
      const snapshot = await writeSnapshot({
        requests: this.#requests,
        list,
        capture,
        abandoned,
        known: this.#known,
        clock,
        pace: pacer(settings.bytesPerSecond, { signal: this.#closing.signal }),
        partBytes: settings.partBytes,
        onBegun: (id) => this.#begun.add(id),
      });
      this.#begun.delete(snapshot.id);
      logger.info({ snapshot: snapshot.id, position: snapshot.place.position }, 'a snapshot is complete');
      this.#setNewest(snapshot);
    } catch (error) {
      // Another machine takes it.
      if (!(error instanceof SnapshotLostError)) throw error;
      this.#begun.clear();
    } finally {
      this.#writing--;
      await capture.release();
    }
  }

  async #collect(): Promise<readonly string[]> {
    const { list, log, settings, copy, clock, logger } = this.#options;
    const nowMs = copy.replica.place?.timeMs;
    if (nowMs === undefined) return [];
    const { whole, problems } = await collectSnapshots(this.#requests, list, { ...settings, nowMs });
    for (const problem of problems) logger.error({ err: problem }, 'a snapshot cannot be used');
    const oldest = whole.at(-1);
    if (oldest !== undefined) await log.trim(oldest.place.position);
    await this.#abandonedTests.remove(this.#requests, list.prefix, clock.now());
    this.#collectedMs = clock.now();
    return problems.map(({ message }) => message);
  }
}
