import type { Engine } from '../engine.ts';
import type { EmbeddedEngineOptions, EngineCopy } from '../embedded/open.ts';
import { openEngineCopy } from '../embedded/open-copy.ts';
import { Member } from './member.ts';
import type { MemberOptions } from './member-options.ts';
import { SnapshotKeeper, type SnapshotSettings } from './snapshots/keeper.ts';
import type { SnapshotObjects } from './snapshots/objects.ts';
import { SnapshotRequests } from './snapshots/requests.ts';
import { SnapshotSeeding } from './snapshots/seed.ts';
import { SnapshotList } from './snapshots/snapshot-list.ts';

export interface SharedEngineOptions extends EmbeddedEngineOptions {
  readonly shared: Omit<MemberOptions, 'clock' | 'logger'>;
  /** Without it the log is never trimmed. */
  readonly snapshots?: SnapshotPlace | undefined;
}

/** Where the snapshots of the log are, and when they are taken. */
export interface SnapshotPlace {
  readonly objects: SnapshotObjects;
  /** Of all keys; empty, or ends with a slash. */
  readonly prefix: string;
  /** Undefined for a process that may begin with a snapshot, and neither takes nor removes any. */
  readonly settings: SnapshotSettings | undefined;
  close?(): void;
}

/** An engine whose commits are durable in a log that several processes share; its folder is a copy. */
export interface SharedEngine {
  /**
   * Takes changes while this process owns the log; what it reads is bounded by how far it has followed. Another one after
   * a standby, past which the log was trimmed, has begun again with a snapshot.
   */
  readonly engine: Engine;
  readonly member: Member;
  readonly snapshots: SnapshotKeeper | undefined;
  readonly copy: EngineCopy;
  /** Hands over the ownership, and releases the folder. */
  close(): Promise<void>;
}

/**
 * Opens the copy and begins to follow the log; takes over when there is no owner. A copy that has nothing, or that the
 * log no longer reaches, is filled from a snapshot first, also later on; a damaged one is built again. Throws
 * FormatVersionError, WrongStoreError, NoSnapshotError, OtherSnapshotsError.
 */
export async function openSharedEngine(options: SharedEngineOptions): Promise<SharedEngine> {
  const { clock, log: logger, shared, snapshots } = options;
  const member = new Member({ ...shared, clock, logger });
  const closing = new AbortController();
  const openCopy = copyOpener(options, member, closing.signal);
  let present = await openCopy(options);
  const beginAgain = async (): Promise<EngineCopy> => {
    await present.keeper?.close();
    // What could not be written any more is replaced.
    await present.copy.engine.close().catch(() => undefined);
    present = await openCopy({ ...options, mayHaveOlderWriter: false });
    present.keeper?.start();
    return present.copy;
  };
  member.start(present.copy, snapshots && beginAgain);
  present.keeper?.start();
  return {
    get engine() {
      return present.copy.engine;
    },
    member,
    get snapshots() {
      return present.keeper;
    },
    get copy() {
      return present.copy;
    },
    async close() {
      closing.abort();
      present.keeper?.stop();
      await member.close();
      await present.keeper?.close();
      await present.copy.engine.close();
      snapshots?.close?.();
    },
  };
}

interface OpenedCopy {
  readonly copy: EngineCopy;
  /** Its snapshots; it is not started yet. */
  readonly keeper: SnapshotKeeper | undefined;
}

/** How to open the copy; the signal ends what is under way for its snapshots. */
function copyOpener(
  { clock, log: logger, shared, snapshots }: SharedEngineOptions,
  member: Member,
  signal: AbortSignal,
): (options: EmbeddedEngineOptions) => Promise<OpenedCopy> {
  const { log, timers = clock, random } = shared;
  const parts = snapshots && {
    log,
    list: new SnapshotList(snapshots.prefix),
    requests: new SnapshotRequests({ objects: snapshots.objects, clock: timers, signal }),
    logger,
  };
  return async (options) => {
    const seeding = parts && new SnapshotSeeding({ ...parts, clock, timers });
    const copy = await openEngineCopy(options, member, seeding);
    const settings = snapshots?.settings;
    const keeper =
      parts && settings && new SnapshotKeeper({ ...parts, clock: timers, settings, member, copy, random });
    return { copy, keeper };
  };
}
