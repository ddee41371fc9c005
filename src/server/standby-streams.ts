import type { Clock } from '../support/clock.ts';
import { serverLimits } from './limits.ts';

export interface StandbyStreamsOptions {
  readonly clock: Clock;
  /** How old what is sent may be. */
  readonly ageMaxMs: number;
  /** Whether what this machine has is at most so old. Never rejects. */
  readonly isRecent: () => Promise<boolean>;
}

/**
 * Answers without an end that a standby gives. When what they are read from may be too old, or is not to be read any
 * more, they end in order, whether or not there is something to send: clients go on elsewhere from where they were.
 */
export class StandbyStreams {
  readonly #options: StandbyStreamsOptions;
  readonly #open = new Set<StandbyStream>();
  #cancelLook: (() => void) | undefined;

  constructor(options: StandbyStreamsOptions) {
    this.#options = options;
  }

  /** `mayGoOn`: what is read is still the machine's copy, and it is still a standby. */
  watch(body: AsyncIterable<Uint8Array>, mayGoOn: () => boolean): AsyncIterable<Uint8Array> {
    const { isRecent } = this.#options;
    const stream = new StandbyStream(body, {
      mayGoOn,
      isSure: async () => (await isRecent()) && mayGoOn(),
      onEnd: () => this.#forget(stream),
    });
    this.#open.add(stream);
    this.#lookLater();
    return stream;
  }

  /** Nothing waits for clients that do not read. */
  endAll(): void {
    for (const stream of this.#open) stream.end();
  }

  #forget(stream: StandbyStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  #lookLater(): void {
    if (this.#cancelLook !== undefined || this.#open.size === 0) return;
    const { clock, ageMaxMs } = this.#options;
    const everyMs = Math.min(ageMaxMs / 4, serverLimits.standbyStreamsLookMs);
    this.#cancelLook = clock.schedule(everyMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#cancelLook = undefined;
    const isRecent = await this.#options.isRecent();
    for (const stream of this.#open) if (!isRecent || !stream.mayGoOn) stream.end();
    this.#lookLater();
  }
}

interface StandbyStreamOptions {
  readonly mayGoOn: () => boolean;
  readonly isSure: () => Promise<boolean>;
  readonly onEnd: () => void;
}

/** Not a generator: `return` must end a pending `next`. */
class StandbyStream implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #options: StandbyStreamOptions;
  #hasEnded = false;

  constructor(body: AsyncIterable<Uint8Array>, options: StandbyStreamOptions) {
    this.#source = body[Symbol.asyncIterator]();
    this.#options = options;
  }

  get mayGoOn(): boolean {
    return this.#options.mayGoOn();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const next = this.#hasEnded ? undefined : await this.#source.next();
      if (next !== undefined && next.done !== true && (await this.#options.isSure()) && !this.#hasEnded)
        return next;
    } catch (error) {
      this.end();
      throw error;
    }
    this.end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.end();
    return await Promise.resolve({ done: true, value: undefined });
  }

  /** The source's `next`, if one is pending, resolves. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd();
    void this.#source.return?.();
  }
}
