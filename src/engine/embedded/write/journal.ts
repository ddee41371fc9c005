import type { Clock } from '../../../support/clock.ts';
import { createSegment, type ActiveSegment } from './active-segment.ts';
import type { Disk } from '../disk.ts';
import { segmentKey, type Entry } from '../format/entries.ts';
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
}

/**
 * Presents the sequence of segments as one endless file of frames. `write` resolves once the frame is durable and
 * applied to the state; when it throws nothing has changed, and the next call repairs what the failure left behind.
 */
export class Journal {
  readonly #options: JournalOptions;
  #active: ActiveSegment | undefined;
  #isLeft = false;

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
  ): Promise<{ segment: number; position: number }> {
    const { state, mark } = this.#options;
    const active = await this.#writable();
    const frame = await active.write(state.commit + 1, entries, payload).catch(async (error: unknown) => {
      await active.forgetFailed();
      throw error;
    });
    state.commit++;
    before();
    state.apply(entries, { ...frame, commit: state.commit });
    mark.note(active.number, active.end);
    this.onWritten();
    return { segment: active.number, position: frame.position };
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
    await this.#active?.forgetFailed();
    await this.#active?.close();
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
    const footer = await active.seal(state);
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
