import { AssertionError } from 'node:assert/strict';
import type { Clock } from '../../../support/clock.ts';
import { createSegment, type ActiveSegment } from './active-segment.ts';
import type { Disk } from '../disk.ts';
import { isNoSpace } from '../../../errors.ts';
import type { LogPlace } from '../../shared/shared-log.ts';
import { EngineCopyError } from '../errors.ts';
import { encodeEntries, segmentKey, type EncodedEntries, type Entry } from '../format/entries.ts';
import { encodeSharedCommit } from '../format/shared-commit.ts';
import { FORMAT_VERSION } from '../format/version.ts';
import type { DurableWatermark } from './durable-watermark.ts';
import { attachSegment } from '../recover/recover.ts';
import { emptyIndexes, type State } from '../state.ts';

export interface JournalOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly state: State;
  readonly store: Buffer;
  readonly mark: DurableWatermark;
  readonly active: ActiveSegment | undefined;
  readonly segmentBytes: number;
  readonly checkpointRowsBytesMax: number;
  readonly closedSegmentBytesMax: number;
  readonly sharing?: Sharing | undefined;
}

/** Where commits become durable for all machines, before they are applied here: this disk has a copy only. */
export interface Sharing {
  /** Rejects when this process does not own the shared log. */
  append(payload: readonly Uint8Array[]): Promise<LogPlace>;
  /** Frees space on the disk; false when there is none to free. */
  makeRoom(): Promise<boolean>;
  /** The disk failed a sync in the background: the copy cannot be trusted. */
  lose(error: EngineCopyError): void;
}

/** A copy is written without waiting for the disk; so much of it at most, to keep the sync of a full segment short. */
const SYNC_BYTES = 8 * 1024 * 1024;

interface Written {
  readonly segment: number;
  readonly position: number;
}

/**
 * Presents the sequence of segments as one endless file of frames. `write` resolves once the frame is durable and
 * applied to the state; when it throws nothing has changed, and the next call repairs what the failure left behind.
 */
export class Journal {
  readonly #options: JournalOptions;
  #active: ActiveSegment | undefined;
  #isLeft = false;
  /** Bytes of the current segment since the last sync began. */
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;

  /** A segment without live records (only rows, or all trimmed) can be removed immediately. */
  onSealed: () => void = () => undefined;

  /** Called after a frame was applied to the state. */
  onWritten: () => void = () => undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#active = options.active;
  }

  get active(): ActiveSegment | undefined {
    return this.#active;
  }

  /** The next frame begins a new segment, so that this one can be removed. */
  leave(): void {
    this.#isLeft = true;
  }

  /** `before` runs in the same tick in which readers start to see the frame, before any of them is woken. */
  async write(
    entries: readonly Entry[],
    payload: readonly Uint8Array[],
    before: () => void,
  ): Promise<Written> {
    const { state, clock, sharing } = this.#options;
    const active = await this.#writable();
    const common = sharing === undefined ? [] : entries.filter((entry) => isForAll(entry, state.nextLog));
    if (sharing === undefined || common.length === 0) {
      const frame = await active.write(state.commit + 1, entries, payload).catch(async (error: unknown) => {
        // The failed sync may have lost earlier frames of a copy, which were not synced before.
        if (sharing !== undefined && active.distrusted) throw new EngineCopyError(error);
        await active.forgetFailed();
        throw error;
      });
      this.#options.mark.note(active.number, active.end);
      return this.#apply(active, entries, frame, before);
    }
    const timeMs = clock.now();
    const shared = encodeEntries(common);
    const place = await sharing.append(encodeSharedCommit(timeMs, shared, payload));
    const { version = '' } = state.shared ?? {};
    const own =
      common.length === entries.length ? [] : entries.filter((entry) => !isForAll(entry, state.nextLog));
    return await this.copy([...own, { kind: 'shared', ...place, timeMs, version }], payload, before, shared);
  }

  /**
   * Writes and applies a frame that the shared log has. It need not be durable here: after a power failure the shared log
   * has it. `first` are the entries that the shared log has, as they are there; the others are this machine's. Throws
   * EngineCopyError when the disk does not take it: then only a restart helps.
   */
  async copy(
    entries: readonly Entry[],
    payload: readonly Uint8Array[],
    before: () => void,
    first?: EncodedEntries,
  ): Promise<Written> {
    const { state, mark } = this.#options;
    try {
      const active = await this.#withRoom(() => this.#writable());
      // The files that such an entry names replace others, which are removed next.
      const sync = entries.some(({ kind }) => kind === 'tables' || kind === 'segments');
      const frame = await this.#withRoom(() =>
        active.write(state.commit + 1, entries, payload, { sync, ...(first && { first }) }),
      );
      if (sync) mark.note(active.number, active.end);
      else this.#syncLater(active, active.end - frame.position);
      return this.#apply(
        active,
        first === undefined ? entries : [...first.entries, ...entries],
        frame,
        before,
      );
    } catch (error) {
      if (error instanceof AssertionError || error instanceof EngineCopyError) throw error;
      throw new EngineCopyError(error);
    }
  }

  /** No write follows for now. */
  settle(): void {
    this.#options.mark.settle();
  }

  /**
   * Ends a long segment before the engine closes, because a start reads the newest segment completely. A failure loses
   * nothing.
   */
  async shorten(): Promise<void> {
    const active = this.#active;
    const { closedSegmentBytesMax } = this.#options;
    if (active === undefined || active.distrusted) return;
    if (active.end - active.checkpointEnd <= closedSegmentBytesMax) return;
    try {
      await this.#seal(active);
      const next = await this.#create();
      this.#options.mark.note(next.number, next.end);
    } catch {
      // The disk is full or failing; the next start finds the end of the frames as after a crash.
    }
  }

  async close(): Promise<void> {
    const active = this.#active;
    await this.#syncing;
    if (active !== undefined && this.#options.sharing !== undefined && !active.distrusted) {
      // Without it the next start reads more of the shared log.
      const { commit, shared } = this.#options.state;
      await active.write(commit + 1, shared === undefined ? [] : [shared], []).then(
        () => this.#options.mark.note(active.number, active.end),
        () => undefined,
      );
    }
    await active?.forgetFailed();
    await active?.close();
  }

  #apply(
    active: ActiveSegment,
    entries: readonly Entry[],
    frame: { readonly position: number; readonly payloadAt: number },
    before: () => void,
  ): Written {
    const { state } = this.#options;
    state.commit++;
    before();
    state.apply(entries, { ...frame, commit: state.commit });
    this.onWritten();
    return { segment: active.number, position: frame.position };
  }

  async #withRoom<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const { sharing } = this.#options;
      if (!isNoSpace(error) || this.#active?.distrusted === true || !(await sharing?.makeRoom())) throw error;
      return await work();
    }
  }

  #syncLater(active: ActiveSegment, bytes: number): void {
    this.#unsyncedBytes += bytes;
    if (this.#unsyncedBytes < SYNC_BYTES || this.#syncing !== undefined) return;
    this.#unsyncedBytes = 0;
    this.#syncing = active
      .sync()
      .catch((error: unknown) => this.#options.sharing?.lose(new EngineCopyError(error)))
      .finally(() => (this.#syncing = undefined));
  }

  async #writable(): Promise<ActiveSegment> {
    const active = this.#active;
    if (active !== undefined) {
      const full = active.end - active.checkpointEnd >= this.#options.segmentBytes;
      const isOlder = active.formatVersion !== FORMAT_VERSION;
      if (!full && !active.distrusted && !this.#isLeft && !isOlder) return active;
      await this.#seal(active);
    }
    return await this.#create();
  }

  async #seal(active: ActiveSegment): Promise<void> {
    const { state } = this.#options;
    await this.#syncing;
    this.#unsyncedBytes = 0;
    const footer = await active.seal(state).catch((error: unknown) => {
      throw this.#options.sharing === undefined || isNoSpace(error) ? error : new EngineCopyError(error);
    });
    const name = { number: active.number, revision: 0 };
    attachSegment(state, name, footer);
    state.live.set(segmentKey(name), name);
    state.active = emptyIndexes(active.number + 1);
    this.#isLeft = false;
    this.#active = undefined;
    await active.close().catch(() => undefined);
    this.onSealed();
  }

  async #create(): Promise<ActiveSegment> {
    const { disk, clock, state, store, checkpointRowsBytesMax } = this.#options;
    const number = Math.max(0, ...state.sealed.keys(), state.active.number - 1) + 1;
    state.active = emptyIndexes(number);
    // Few changes are included in the segment, so that it needs no older one; many are flushed to a table file.
    const withRows = state.rows.frozen.length === 0 && state.rows.bytes <= checkpointRowsBytesMax;
    if (!withRows) state.rows.freeze(number);
    this.#active = await createSegment(disk, { number, createdMs: clock.now(), store, state, withRows });
    if (withRows) state.rows.carried(number);
    return this.#active;
  }
}

/**
 * Whether an entry belongs to the shared log. Each machine has segments and table files of its own; numbers that are
 * taken already only fill a frame.
 */
function isForAll(entry: Entry, nextLog: number): boolean {
  if (entry.kind === 'numbers') return entry.nextLog > nextLog;
  return entry.kind !== 'segments' && entry.kind !== 'tables' && entry.kind !== 'shared';
}
