import type { Member } from '../engine/shared/member.ts';
import { NotOwnerError } from '../engine/engine.ts';
import { discard, type HttpResponse, MemoryBudgetError } from '../http/message.ts';
import { bodyBytes, type Outgoing } from '../http/outgoing.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import { unavailable } from './forwarding.ts';
import type { StandbyReadCounts } from './health.ts';
import { serverLimits } from './limits.ts';
import { isAnswer, type ReadServing } from './serve-reads.ts';
import { StandbyStreams } from './standby-streams.ts';

/** A client that wants the newest, whichever machine it has reached. */
const CONSISTENCY = 'x-nagare-consistency';

/** Which answers a standby gave itself: how far in the log, and how old that may be. */
const STANDBY_READ = 'x-nagare-standby-read';

export interface StandbyReadsOptions {
  readonly member: Pick<Member, 'age' | 'status'>;
  /** What is read: another object when it was filled again. */
  readonly copy: () => object;
  /** How old what is read may be. */
  readonly ageMaxMs: number;
  readonly open: () => Promise<ReadServing>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Opened {
  readonly copy: object;
  readonly serving: Promise<ReadServing | undefined>;
}

/**
 * Answers reads at a machine that follows the owner, if what it has is recent enough. Only answers count: what it does
 * not know, or would refuse, the owner may know better, so each error is left to the owner.
 */
export class StandbyReads {
  readonly #options: StandbyReadsOptions;
  readonly #reported = new TransitionLog();
  #opened: Opened | undefined;
  #triedMs = -Infinity;
  #isClosed = false;
  readonly #counts = { answered: 0, stale: 0, refused: 0 };
  readonly #inside = new Set<Promise<unknown>>();
  readonly #streams: StandbyStreams;
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(options: StandbyReadsOptions) {
    this.#options = options;
    const { member, ageMaxMs, clock } = options;
    this.#streams = new StandbyStreams({ clock, ageMaxMs, isRecent: () => member.age.isAtMost(ageMaxMs) });
  }

  get counts(): StandbyReadCounts {
    return { ...this.#counts };
  }

  /** Undefined when the owner has to answer. */
  async answer(outgoing: Outgoing): Promise<HttpResponse | undefined> {
    const { request } = outgoing;
    if (request.headers[CONSISTENCY] !== undefined) return undefined;
    if (this.#isClosed || bodyBytes(request) > serverLimits.standbyReadBodyBytesMax) return undefined;
    const answering = this.#answer(outgoing);
    this.#inside.add(answering);
    try {
      return await answering;
    } catch (error) {
      if (error instanceof MemoryBudgetError) return unavailable(error.message);
      throw error;
    } finally {
      this.#inside.delete(answering);
    }
  }

  async #answer(outgoing: Outgoing): Promise<HttpResponse | undefined> {
    const opened = this.#open();
    const serving = await opened?.serving;
    if (opened === undefined || serving === undefined) return undefined;
    const { request } = outgoing;
    const hasIt = serving.has(request);
    if (hasIt === false) return undefined;
    // Before the age is asked for, because a body may take a while to arrive.
    await outgoing.prepare();
    if (hasIt === 'named-in-body' && serving.has(request, outgoing.body) !== true) return undefined;
    return await this.#answerWith(serving, opened, outgoing);
  }

  async #answerWith(
    serving: ReadServing,
    opened: Opened,
    outgoing: Outgoing,
  ): Promise<HttpResponse | undefined> {
    const { member, ageMaxMs } = this.#options;
    const isRecent = await member.age.isAtMost(ageMaxMs);
    const { position } = member.status();
    if (!isRecent || !this.#follows(opened.copy)) {
      this.#counts.stale++;
      return undefined;
    }
    const ageMs = Math.ceil(member.age.ms);
    const request = outgoing.again();
    const response = request && (await serving.handler(request));
    const { request: head } = outgoing;
    const mayGoOn = (): boolean =>
      this.#opened === opened && serving.has(head) !== false && this.#follows(opened.copy);
    if (response === undefined || !isAnswer(response) || (response.endless === true && !mayGoOn())) {
      if (response !== undefined) await discard(response);
      this.#counts.refused++;
      return undefined;
    }
    this.#counts.answered++;
    const headers = { ...response.headers, [STANDBY_READ]: `position=${position}, age-ms=${ageMs}` };
    return { ...this.#watched(response, mayGoOn), headers };
  }

  /** This machine still is a standby, and this is what it fills. */
  #follows(copy: object): boolean {
    return this.#options.member.status().role !== 'owner' && this.#options.copy() === copy;
  }

  #watched(response: HttpResponse, mayGoOn: () => boolean): HttpResponse {
    const { body, endless } = response;
    const isStream = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
    if (endless !== true || !isStream) return response;
    return { ...response, body: this.#streams.watch(body, mayGoOn) };
  }

  /**
   * The services close when no request uses them; they are opened again when a request needs them. Subscriptions end at
   * once: a client that does not read holds up nothing.
   */
  async leave(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#streams.endAll();
    this.#leaving = Promise.all([this.#leaving, this.#end(opened, [...this.#inside])]);
    await this.#leaving;
  }

  async #end(opened: Opened | undefined, inside: readonly Promise<unknown>[]): Promise<void> {
    await Promise.allSettled(inside);
    const serving = await opened?.serving;
    await serving?.close().catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'a service did not stop in order');
    });
  }

  /** Frees what nothing is read from any more. */
  leaveIfOpen(): void {
    if (this.#opened !== undefined) void this.leave();
  }

  /** Frees what was replaced by another copy. */
  leaveOtherCopy(): void {
    if (this.#opened?.copy !== this.#options.copy()) this.leaveIfOpen();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.leave();
  }

  #open(): Opened | undefined {
    const { member, clock } = this.#options;
    const copy = this.#options.copy();
    if (member.status().role === 'owner') return undefined;
    if (this.#opened?.copy === copy) return this.#opened;
    const nowMs = clock.now();
    if (Math.abs(nowMs - this.#triedMs) < serverLimits.standbyReadsRetryMs) return undefined;
    this.#triedMs = nowMs;
    this.leaveOtherCopy();
    const serving = this.#tryOpen().then((found) => {
      if (found === undefined && this.#opened === opened) this.#opened = undefined;
      return found;
    });
    const opened: Opened = { copy, serving };
    this.#opened = opened;
    return opened;
  }

  async #tryOpen(): Promise<ReadServing | undefined> {
    const { open, log } = this.#options;
    try {
      const serving = await open();
      if (this.#reported.cleared()) log.info({}, 'this standby can answer reads now');
      return serving;
    } catch (error) {
      // There is nothing to read yet.
      if (error instanceof NotOwnerError) return undefined;
      if (this.#reported.changed(String(error)))
        log.warn({ err: error }, 'this standby cannot answer reads: the owner answers them');
      return undefined;
    }
  }
}
