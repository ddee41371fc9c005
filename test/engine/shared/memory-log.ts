import assert from 'node:assert/strict';

import {
  decodeFrame,
  encodeFrame,
  type DecodedFrame,
  type FrameContent,
} from '../../../src/engine/shared/envelope.ts';
import {
  DeposedError,
  TrimmedError,
  type AppendedKind,
  type LogPlace,
  type OwnerInfo,
  type SharedFrame,
  type SharedLog,
} from '../../../src/engine/shared/shared-log.ts';
import { ValidFrames } from '../../../src/engine/shared/valid-frames.ts';
import type { Random } from '../simulation/random.ts';

/** Which of the two fences hold. The simulation switches them off to see that it finds what they prevent. */
export interface Fences {
  /** The store refuses appends of an earlier term, and recognizes a repeated one. */
  readonly store: boolean;
  /** An owner notices that its frame is not where it is due, as another's was before it. */
  readonly content: boolean;
}

/** What several processes share: the frames as bytes. */
export class MemoryStore {
  readonly fences: Fences;
  readonly #random: Random | undefined;
  #frames: Buffer[] = [];
  #first = 0;
  #term = 0;
  /** Of each term: positions of the frames stored so far, by their number. */
  readonly #stored = new Map<number, number[]>();
  #waiting: (() => void)[] = [];
  readonly #listening = new Set<() => void>();

  /** With `random`, every call takes a while, and answers may be late or lost and asked again. */
  constructor(options: { readonly random?: Random; readonly fences?: Fences } = {}) {
    this.#random = options.random;
    this.fences = options.fences ?? { store: true, content: true };
  }

  get first(): number {
    return this.#first;
  }

  get next(): number {
    return this.#first + this.#frames.length;
  }

  at(position: number): Buffer | undefined {
    return this.#frames[position - this.#first];
  }

  /** For one process. `pass` is awaited before and after each question: a process may be paused, or dead. */
  open(pass: () => Promise<void> = () => Promise.resolve()): SharedLog {
    return new MemoryLog(this, pass);
  }

  /** Replaces the bytes of a frame, for tests of damage. */
  replace(position: number, bytes: Buffer): void {
    this.#frames[position - this.#first] = bytes;
  }

  /** One attempt; `number` counts the frames of the term from 0. Undefined: refused. */
  store(term: number, number: number, bytes: Buffer): number | undefined {
    const stored = this.#stored.get(term) ?? [];
    const { fences } = this;
    if (fences.store && (term < this.#term || (number === 0 && term === this.#term))) {
      return number > 0 ? undefined : this.#repeatOf(stored[0], bytes);
    }
    const repeated = stored[number];
    if (repeated !== undefined && this.at(repeated)?.equals(bytes) === true) return repeated;
    this.#term = Math.max(this.#term, term);
    const position = this.next;
    stored[number] = position;
    this.#stored.set(term, stored);
    this.#frames.push(bytes);
    this.wake();
    return position;
  }

  trim(before: number): void {
    const count = Math.max(0, Math.min(before, this.next) - this.#first);
    this.#frames.splice(0, count);
    this.#first += count;
  }

  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const unlisten = (): void => {
        signal.removeEventListener('abort', wake);
        this.#listening.delete(unlisten);
      };
      const wake = (): void => {
        unlisten();
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#listening.add(unlisten);
      this.#waiting.push(wake);
    });
  }

  /** Nothing comes any more: Node keeps what listens to a composed signal until that aborts. */
  leave(): void {
    for (const unlisten of this.#listening) unlisten();
  }

  /** How many frames from a position on a reader gets together: all, or now and then some of them. */
  arriving(at: number): number {
    const all = this.next - at;
    return this.#random?.chance(0.5) === true ? 1 + this.#random.below(all) : all;
  }

  chance(probability: number): boolean {
    return this.#random?.chance(probability) ?? false;
  }

  /** A while: mostly none, now and then long enough for anything else to happen meanwhile. */
  async pause(): Promise<void> {
    if (this.#random === undefined) return;
    const turns = this.#random.chance(0.1) ? this.#random.below(60) : this.#random.below(4);
    for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The answer to a takeover of a term that exists: its position if this is the same one. */
  #repeatOf(position: number | undefined, bytes: Buffer): number | undefined {
    return position !== undefined && this.at(position)?.equals(bytes) === true ? position : undefined;
  }
}

/** With a payload in memory of its own. */
export function copied<Frame extends SharedFrame>(frame: Frame): Frame {
  return { ...frame, payload: Buffer.from(frame.payload) };
}

let ids = 0;

class MemoryLog implements SharedLog {
  readonly #store: MemoryStore;
  readonly #closing = new AbortController();
  /** The present term, how many frames it has, and where the next one is due; undefined for a follower. */
  #own: { readonly term: number; frames: number; due: number } | undefined;
  #line: Promise<unknown> = Promise.resolve();

  readonly #pass: () => Promise<void>;

  constructor(store: MemoryStore, pass: () => Promise<void>) {
    this.#store = store;
    this.#pass = pass;
  }

  takeOver(owner: OwnerInfo, seen: LogPlace): Promise<LogPlace> {
    return this.#inTurn(async () => {
      const term = seen.term + 1;
      this.#own = undefined;
      const position = await this.#put(term, 0, { kind: 'takeover', owner, id: `${ids++}` });
      if (position === undefined) throw new DeposedError(`term ${term} has another owner`);
      const valid = new ValidFrames({ term: seen.term });
      for (let at = Math.max(seen.position, this.#store.first); at < position; at++) {
        const frame = this.#frameAt(at);
        if (frame !== undefined) valid.accept(frame, at === seen.position);
      }
      if (valid.term >= term) throw new DeposedError(`term ${term} has another owner`);
      this.#own = { term, frames: 1, due: position + 1 };
      return { term, position };
    });
  }

  append(kind: AppendedKind, payload: readonly Uint8Array[]): Promise<number> {
    return this.#inTurn(async () => {
      const own = this.#own;
      if (own === undefined) throw new DeposedError('this process does not own the log');
      const position = await this.#put(own.term, own.frames, { kind, payload });
      const { fences } = this.#store;
      if (position === undefined || (fences.content && position !== own.due)) {
        this.#own = undefined;
        throw new DeposedError(`term ${own.term} has ended`);
      }
      own.frames++;
      own.due = position + 1;
      return position;
    });
  }

  async *follow(from: LogPlace, signal: AbortSignal): AsyncGenerator<readonly SharedFrame[]> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const valid = new ValidFrames(from);
    for (let at = from.position; !ended.aborted;) {
      await this.#pause();
      if (at < this.#store.first) throw new TrimmedError(this.#store.first);
      if (at >= this.#store.next) {
        await this.#store.changed(ended);
        continue;
      }
      const frames: SharedFrame[] = [];
      for (const end = at + this.#store.arriving(at); at < end; at++) {
        const frame = this.#frameAt(at);
        if (frame !== undefined && valid.accept(frame, at === from.position)) frames.push(copied(frame));
      }
      if (frames.length > 0 && !ended.aborted) yield frames;
      // Whoever still needs the memory of the payloads has a fault.
      for (const { payload } of frames) payload.fill(0xee);
    }
  }

  async bounds(): Promise<{ first: number; next: number }> {
    await this.#pause();
    return { first: this.#store.first, next: this.#store.next };
  }

  async trim(before: number): Promise<void> {
    await this.#pause();
    this.#store.trim(before);
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#store.wake();
    return Promise.resolve();
  }

  /** Asks until there is an answer. A lost answer looks like a lost question. */
  async #put(term: number, number: number, content: FrameContent): Promise<number | undefined> {
    const bytes = Buffer.concat(encodeFrame(term, content));
    for (;;) {
      this.#checkOpen();
      await this.#pause();
      this.#checkOpen();
      if (this.#store.chance(0.05)) continue;
      const position = this.#store.store(term, number, bytes);
      await this.#pause();
      if (!this.#store.chance(0.05)) return position;
    }
  }

  async #pause(): Promise<void> {
    await this.#pass();
    await this.#store.pause();
    await this.#pass();
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new DeposedError('the log is closed');
  }

  #frameAt(position: number): DecodedFrame | undefined {
    const bytes = this.#store.at(position);
    return bytes && decodeFrame(bytes, position);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#line.then(work);
    this.#line = result.catch(() => undefined);
    return result;
  }
}

/** The valid frames of a store as its readers see them now. */
export async function framesIn(log: SharedLog): Promise<SharedFrame[]> {
  const { first, next } = await log.bounds();
  assert.equal(first, 0, 'a trimmed log');
  const found: SharedFrame[] = [];
  if (next === 0) return found;
  for await (const frames of log.follow({ term: 0, position: 0 }, AbortSignal.timeout(60_000))) {
    found.push(...frames.map(copied));
    if ((found.at(-1)?.position ?? -1) >= next - 1) break;
  }
  return found;
}
