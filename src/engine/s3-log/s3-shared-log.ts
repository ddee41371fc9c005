import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../support/clock.ts';
import { encodeFrame } from '../shared/envelope.ts';
import { LogClosedError, type Retrying } from '../shared/retrying.ts';
import {
  DeposedError,
  type AppendedKind,
  type LogPlace,
  type OwnerInfo,
  type SharedFrame,
  type SharedLog,
} from '../shared/shared-log.ts';
import { ValidFrames } from '../shared/valid-frames.ts';
import { S3SetupError } from './errors.ts';
import { s3LogLimits } from './limits.ts';
import type { Objects } from './objects.ts';
import { readSlots } from './read.ts';
import { encodeSlot, SLOT_HEADER_BYTES } from './slot.ts';
import type { Slots } from './slots.ts';
import { trimSlots } from './trim.ts';
import { DEPOSED, SlotWriter } from './writer.ts';

export interface S3LogParts {
  readonly objects: Objects;
  readonly slots: Slots;
  readonly retrying: Retrying;
  readonly clock: Clock;
  readonly delayMs: number;
}

/**
 * The shared log as a row of objects in an S3 store. Each is created by a conditional write, so that a slot is filled
 * once: an owner that was replaced finds the slot that follows its last one taken by the takeover. The second fence is
 * the term of each frame, as in every shared log.
 */
export class S3SharedLog implements SharedLog {
  readonly #parts: S3LogParts;
  #writer: SlotWriter | undefined;
  /** Slots below it exist, unless they are trimmed. */
  #knownNext = 0;

  constructor(parts: S3LogParts) {
    this.#parts = parts;
  }

  async takeOver(owner: OwnerInfo, seen: LogPlace): Promise<LogPlace> {
    const { slots } = this.#parts;
    await this.#stopWriting(new DeposedError(DEPOSED));
    const start = seen.position;
    await slots.requireKept(start);
    await this.#requireComplete(seen);
    const valid = new ValidFrames(seen);
    const term = seen.term + 1;
    const frame = encodeFrame(term, { kind: 'takeover', owner, id: randomUUID() });
    const id = randomBytes(16);
    // What is there is read before anything is written: a slot that holds a takeover depends on what it follows.
    let keptFrom = start;
    let found = await slots.read(start);
    for (let slot = start; ; slot++) {
      if (found === undefined) {
        const body = encodeSlot({ id, takeoverSlot: slot, keptFrom }, frame);
        found = await slots.create(slot, id, body, () => undefined);
        if (found === undefined) return await this.#own(term, slot);
      }
      if (valid.accept(found.frame, slot === start)) {
        if (found.frame.term > seen.term) throw new DeposedError(DEPOSED);
        keptFrom = slot + 1;
      }
      found = await slots.read(slot + 1);
    }
  }

  append(kind: AppendedKind, payload: readonly Uint8Array[]): Promise<number> {
    const writer = this.#writer;
    if (writer === undefined) return Promise.reject(new DeposedError(DEPOSED));
    const frame = encodeFrame(writer.term, { kind, payload });
    const bytes = frame.reduce((sum, { length }) => sum + length, SLOT_HEADER_BYTES);
    if (bytes > s3LogLimits.objectBytesMax) {
      return Promise.reject(new RangeError(`a frame of ${bytes} bytes is too large for an object`));
    }
    return writer.append(frame);
  }

  async *follow(from: LogPlace, signal: AbortSignal): AsyncGenerator<readonly SharedFrame[]> {
    const { slots, retrying } = this.#parts;
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, retrying.closing, ended.signal]);
    const valid = new ValidFrames(from);
    try {
      for await (const found of readSlots(slots, from.position, stop)) {
        if (stop.aborted) return;
        this.#knownNext = Math.max(this.#knownNext, (found.at(-1)?.slot ?? -1) + 1);
        const counted = found.filter(({ slot, frame }) => valid.accept(frame, slot === from.position));
        if (counted.length > 0) yield counted.map(({ frame }) => frame);
      }
    } catch (error) {
      if (!(error instanceof LogClosedError)) throw error;
    } finally {
      ended.abort();
    }
  }

  async bounds(): Promise<{ readonly first: number; readonly next: number }> {
    const { slots } = this.#parts;
    const first = await slots.first();
    const next = await slots.next(Math.max(first, this.#knownNext));
    this.#knownNext = Math.max(this.#knownNext, next);
    return { first, next };
  }

  /** Never removes the last slot: the next owner reads it. */
  async trim(before: number): Promise<void> {
    const { next } = await this.bounds();
    const slot = Math.min(before, next - 1);
    if (slot > 0) await trimSlots(this.#parts.slots, slot);
  }

  async close(): Promise<void> {
    const { retrying, objects } = this.#parts;
    retrying.close();
    await this.#stopWriting(new LogClosedError('the shared log is closed'));
    objects.close();
  }

  async #own(term: number, slot: number): Promise<LogPlace> {
    const { slots, clock, delayMs } = this.#parts;
    // A process that was suspended before it wrote may have filled a slot whose object was removed long ago.
    if ((await slots.first()) > slot) throw new DeposedError(DEPOSED);
    this.#knownNext = Math.max(this.#knownNext, slot + 1);
    this.#writer = new SlotWriter({ slots, clock, delayMs, term, takeoverSlot: slot });
    return { term, position: slot };
  }

  async #stopWriting(reason: Error): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.stop(reason);
  }

  /** A log that ends before what this process has read is another one: a slot after a gap would not count. */
  async #requireComplete(seen: LogPlace): Promise<void> {
    const { next } = await this.bounds();
    if (seen.position <= next) return;
    throw new S3SetupError(
      `the shared log ends at position ${next}, but this nagare has read position ${seen.position}: were its objects removed?`,
    );
  }
}
