import { s3Limits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { Log } from '../../../support/log.ts';
import type { ContentLog } from './content-log.ts';
import { isMissing, type Files } from './files.ts';
import type { Layout } from './layout.ts';
import type { ObjectName, Placing } from './placing.ts';

/** A file changed since the content log was last trimmed. */
export interface Unsettled extends ObjectName {
  readonly content: string;
  /** The log is needed from this index on. */
  readonly firstIndex: number;
  /**
   * A sync of the file or of its folders failed. The kernel may then treat pages as written that never reached the
   * disk, so a second sync proves nothing: the file must be rewritten.
   */
  readonly isDistrusted: boolean;
}

export interface SettlingDependencies {
  readonly contents: ContentLog;
  readonly layout: Layout;
  readonly files: Files;
  readonly placing: Placing;
  readonly clock: Clock;
  readonly log: Log;
  /** Rewrites the file from durable data and moves it to its place. The object must not be written meanwhile. */
  readonly remake: (unsettled: Unsettled) => Promise<void>;
  /** Runs `work` while nothing else writes the object. */
  readonly withoutWrites: (unsettled: Unsettled, work: () => Promise<void>) => Promise<void>;
}

/**
 * Trims the engine's content log: when it is long, or some seconds after a change, the changed files are synced, and
 * the log is trimmed. Writes wait only while the set of files is taken, not during the syncs.
 */
export class Settling {
  readonly #dependencies: SettlingDependencies;
  readonly #lock = new KeyedLock();
  #unsettled = new Map<string, Unsettled>();
  /** The files taken by the current run. */
  #taken: ReadonlyMap<string, Unsettled> = new Map();
  #bytes = 0;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(dependencies: SettlingDependencies) {
    this.#dependencies = dependencies;
  }

  /** Runs a write from its commit to its file; what it passes to `note` is settled later. */
  async during<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#lock.shared('turn', write);
    } finally {
      if (this.#bytes > s3Limits.objectUnsettledBytesMax) this.#start();
      else
        this.#cancel ??= this.#dependencies.clock.schedule(s3Limits.objectSettleDelayMs, () => this.#start());
    }
  }

  note(change: Omit<Unsettled, 'isDistrusted'>, inlineBytes: number): void {
    this.#bytes += inlineBytes;
    this.#add({ ...change, isDistrusted: false });
  }

  distrust(change: Omit<Unsettled, 'isDistrusted'>): void {
    this.#add({ ...change, isDistrusted: true });
  }

  /** Syncs the file of one content; called by its writer. The log keeps its changes. */
  async settleOne(content: string): Promise<void> {
    const known = this.#unsettled.get(content) ?? this.#taken.get(content);
    if (known === undefined) return;
    await this.#settleFile(known, (remake) => remake());
    await this.#dependencies.placing.sync([known]);
  }

  /** Settles all changes made before the call. Throws when something could not be synced. */
  async now(): Promise<void> {
    // A run in progress may have started too early.
    await this.#running?.catch(() => undefined);
    await this.#begin();
  }

  async close(): Promise<void> {
    this.#cancel?.();
    await this.#running?.catch(() => undefined);
    if (this.#unsettled.size > 0) await this.#begin().catch((error: unknown) => this.#report(error));
    this.#cancel?.();
  }

  #add(change: Unsettled): void {
    const known = this.#unsettled.get(change.content);
    this.#unsettled.set(change.content, {
      ...change,
      firstIndex: Math.min(change.firstIndex, known?.firstIndex ?? Infinity),
      isDistrusted: change.isDistrusted || known?.isDistrusted === true,
    });
  }

  #start(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#begin().catch((error: unknown) => this.#report(error));
  }

  #begin(): Promise<void> {
    return (this.#running ??= this.#run().finally(() => (this.#running = undefined)));
  }

  #report(error: unknown): void {
    const { log } = this.#dependencies;
    log.error(
      { err: error },
      "could not sync objects' files; the engine keeps their contents, and the files are rewritten",
    );
  }

  async #run(): Promise<void> {
    const { contents, placing, clock } = this.#dependencies;
    const end = await this.#lock.exclusive('turn', async () => {
      this.#taken = this.#unsettled;
      this.#unsettled = new Map();
      this.#bytes = 0;
      return contents.next;
    });
    const failures: unknown[] = [];
    const synced: Unsettled[] = [];
    for (const change of this.#taken.values()) {
      try {
        await this.#settleFile(change, (remake) => this.#dependencies.withoutWrites(change, remake));
        synced.push(change);
      } catch (error) {
        failures.push(error);
      }
    }
    try {
      await placing.sync(synced);
    } catch (error) {
      failures.push(error);
      for (const change of synced) this.distrust(change);
    }
    this.#taken = new Map();
    let needed = end;
    for (const { firstIndex } of this.#unsettled.values()) needed = Math.min(needed, firstIndex);
    await contents.trim(needed);
    if (failures.length === 0) return;
    this.#cancel ??= clock.schedule(s3Limits.objectSettleDelayMs, () => this.#start());
    throw failures[0];
  }

  /**
   * Syncs the file, or rewrites it when it is distrusted, even if that happened after the change was taken. `alone`
   * runs the rewrite while nothing else writes the object: concurrent writes to the file would be lost.
   */
  async #settleFile(change: Unsettled, alone: (remake: () => Promise<void>) => Promise<void>): Promise<void> {
    const isSynced = await this.syncing(change, async () => {
      if (this.#isDistrusted(change)) return false;
      await this.#syncFile(change);
      return true;
    });
    if (isSynced) return;
    try {
      await alone(() => this.#dependencies.remake(change));
    } catch (error) {
      this.distrust(change);
      throw error;
    }
  }

  /**
   * Syncs the object's file, one sync at a time: the kernel reports a failure to one sync only, and others must not
   * miss it. The file may belong to a later content than the one being settled, so a failure counts for all of them.
   */
  async syncing<Result>({ bucket, key }: ObjectName, sync: () => Promise<Result>): Promise<Result> {
    return await this.#lock.exclusive(`file ${bucket} ${key}`, async () => {
      try {
        return await sync();
      } catch (error) {
        for (const change of [...this.#taken.values(), ...this.#unsettled.values()]) {
          if (change.bucket === bucket && change.key === key) this.distrust(change);
        }
        throw error;
      }
    });
  }

  #isDistrusted(change: Unsettled): boolean {
    return change.isDistrusted || this.#unsettled.get(change.content)?.isDistrusted === true;
  }

  async #syncFile({ bucket, key }: Unsettled): Promise<void> {
    try {
      await this.#dependencies.files.syncFile(this.#dependencies.layout.data(bucket, key));
    } catch (error) {
      // Deleted or replaced meanwhile: the sync of its folder covers it.
      if (!isMissing(error)) throw error;
    }
  }
}
