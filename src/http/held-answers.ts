import type { Clock } from '../support/clock.ts';
import type { HttpResponse } from './message.ts';

export interface HeldAnswersOptions<Holder> {
  readonly clock: Clock;
  /** Time between two checks while an answer is being sent. */
  readonly checkMs: number;
  /** Ends those that their holders may not have any more. Does not reject. */
  check(open: ReadonlySet<HeldBody<Holder>>): Promise<void>;
  /** Why a body is cut off before its next piece, so that its client does not take what it has got for the whole. */
  reasonToCut?(holder: Holder): Error | undefined;
}

/**
 * Answers that are being sent. A request is checked when it comes; what lasts longer is checked again and again, so that
 * an answer ends soon after what allowed it.
 */
export class HeldAnswers<Holder> {
  readonly #options: HeldAnswersOptions<Holder>;
  readonly #open = new Set<HeldBody<Holder>>();
  #cancelCheck: (() => void) | undefined;
  #isClosed = false;

  constructor(options: HeldAnswersOptions<Holder>) {
    this.#options = options;
  }

  /** The same answer, as long as its holder may have it. A body that is there as a whole is not held. */
  hold(answer: HttpResponse, holder: Holder): HttpResponse {
    const { body } = answer;
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return answer;
    const held: HeldBody<Holder> = new HeldBody(body, {
      holder,
      reasonToCut: () => this.#options.reasonToCut?.(holder),
      release: () => this.#release(held),
    });
    this.#open.add(held);
    this.#schedule();
    return { ...answer, body: held };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelCheck?.();
    this.#open.clear();
    return Promise.resolve();
  }

  #release(held: HeldBody<Holder>): void {
    this.#open.delete(held);
    if (this.#open.size > 0) return;
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const { clock, checkMs } = this.#options;
    this.#cancelCheck ??= clock.schedule(checkMs, () => void this.#check());
  }

  async #check(): Promise<void> {
    await this.#options.check(this.#open);
    this.#cancelCheck = undefined;
    if (this.#open.size > 0) this.#schedule();
  }
}

interface Holding<Holder> {
  readonly holder: Holder;
  reasonToCut(): Error | undefined;
  release(): void;
}

/** Not a generator: `return` must reach the source while a `next` is pending. */
export class HeldBody<Holder> implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #holding: Holding<Holder>;

  constructor(body: AsyncIterable<Uint8Array>, holding: Holding<Holder>) {
    this.#source = body[Symbol.asyncIterator]();
    this.#holding = holding;
  }

  get holder(): Holder {
    return this.#holding.holder;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const next = await this.#source.next();
      // An event stream ends by itself.
      if (next.done === true) return await this.return();
      const reason = this.#holding.reasonToCut();
      if (reason === undefined) return next;
      await this.return();
      throw reason;
    } catch (error) {
      this.#holding.release();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#holding.release();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }
}
