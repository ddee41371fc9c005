import { EngineBusyError } from '../../../engine/engine.ts';
import { limits } from '../../../limits.ts';
import { sleep, type Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { tooManyRequests } from '../errors.ts';
import type { EventLog, PendingEvent } from './event-log.ts';

/** How an attempt ended. `again`: it did not run at all, which does not count. */
export type Attempt = 'succeeded' | 'failed' | 'again' | 'gone';

export interface EventQueueParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly messages: Log;
  /** Runs the function once. */
  readonly attempt: (event: PendingEvent, payload: Buffer) => Promise<Attempt>;
  /** How many events of a function may run at once. */
  readonly atOnceMax: (functionName: string) => number;
  /** The event was given up. */
  readonly onDropped: (event: PendingEvent) => void;
  /** The pause after the first failure; the second is twice as long. Lambda's is a minute. */
  readonly retryFirstMs: number;
}

interface Lane {
  readonly ready: PendingEvent[];
  running: number;
}

/** An attempt that could not begin is repeated after this. */
const AGAIN_MS = 1_000;

/**
 * Asynchronous invocations, from their acceptance until they have succeeded or failed three times
 * (docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html). Each runs at least once, whatever
 * happens to the server; those of one function begin in the order in which they were accepted.
 */
export class EventQueue {
  readonly #parts: EventQueueParts;
  readonly #lanes = new Map<string, Lane>();
  /** Events that wait for their next attempt. */
  readonly #delays = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();
  #pending = 0;
  readonly #closing = new AbortController();

  constructor(parts: EventQueueParts) {
    this.#parts = parts;
  }

  /** Takes up what an earlier run left. */
  resume(events: readonly PendingEvent[]): void {
    this.#pending += events.length;
    for (const event of events) this.#schedule(event);
  }

  /** Resolves when it is durable. Throws TooManyRequestsException. */
  async accept(head: Parameters<EventLog['accept']>[0], payload: Uint8Array): Promise<void> {
    if (this.#pending >= limits.asyncEventsPendingMax) throw tooManyRequests();
    this.#pending++;
    try {
      this.#schedule(await this.#parts.log.accept(head, payload));
    } catch (error) {
      this.#pending--;
      if (error instanceof EngineBusyError) throw tooManyRequests();
      throw error;
    }
  }

  /** Begins no more attempts, and waits for those under way; the rest is taken up by the next run. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const cancel of this.#delays) cancel();
    this.#delays.clear();
    await Promise.all(this.#running);
  }

  #schedule(event: PendingEvent): void {
    if (this.#closing.signal.aborted) return;
    const delayMs = event.dueMs - this.#parts.clock.now();
    if (delayMs <= 0) return this.#ready(event);
    const cancel = this.#parts.clock.schedule(delayMs, () => {
      this.#delays.delete(cancel);
      this.#schedule(event);
    });
    this.#delays.add(cancel);
  }

  #ready(event: PendingEvent): void {
    const lane = this.#lanes.get(event.functionName) ?? { ready: [], running: 0 };
    this.#lanes.set(event.functionName, lane);
    lane.ready.push(event);
    this.#dispatch(event.functionName, lane);
  }

  #dispatch(functionName: string, lane: Lane): void {
    const most = this.#parts.atOnceMax(functionName);
    while (lane.running < most && !this.#closing.signal.aborted) {
      const event = lane.ready.shift();
      if (event === undefined) break;
      lane.running++;
      const run = this.#run(event).finally(() => {
        this.#running.delete(run);
        lane.running--;
        this.#dispatch(functionName, lane);
      });
      this.#running.add(run);
    }
    if (lane.running === 0 && lane.ready.length === 0) this.#lanes.delete(functionName);
  }

  async #run(event: PendingEvent): Promise<void> {
    const { log, clock } = this.#parts;
    const ageMs = clock.now() - event.acceptedMs;
    if (ageMs > limits.asyncEventAgeMsMax) return await this.#drop(event, 'it is too old');
    switch (await this.#attempt(event)) {
      case 'succeeded':
        this.#pending--;
        return await this.#note(() => log.done(event));
      case 'gone':
        return await this.#drop(event, 'its function is gone');
      case 'again':
        event.dueMs = clock.now() + AGAIN_MS;
        return this.#schedule(event);
      case 'failed':
        return await this.#retry(event);
    }
  }

  async #attempt(event: PendingEvent): Promise<Attempt> {
    const { log, attempt, messages } = this.#parts;
    try {
      return await attempt(event, await log.payload(event));
    } catch (error) {
      messages.error({ err: error, event }, 'an asynchronous invocation could not begin');
      return 'again';
    }
  }

  /** Writes down what became of an event: until it can be written, it is not run again. */
  async #note(write: () => Promise<void>): Promise<void> {
    const { clock, messages } = this.#parts;
    const { signal } = this.#closing;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        messages.error({ err: error }, 'what became of an asynchronous invocation cannot be written down');
        if (signal.aborted) return;
        await sleep(clock, AGAIN_MS, signal);
      }
    }
  }

  async #retry(event: PendingEvent): Promise<void> {
    const { log, clock, retryFirstMs } = this.#parts;
    event.attempts++;
    if (event.attempts > limits.asyncRetriesMax) return await this.#drop(event, 'it has failed too often');
    event.dueMs = clock.now() + retryFirstMs * event.attempts;
    await this.#note(() => log.failed(event));
    this.#schedule(event);
  }

  async #drop(event: PendingEvent, reason: string): Promise<void> {
    const { log, messages, onDropped } = this.#parts;
    const { functionName, requestId, attempts } = event;
    messages.warn(
      { function: functionName, requestId, attempts },
      `an asynchronous invocation is dropped: ${reason}`,
    );
    onDropped(event);
    this.#pending--;
    await this.#note(() => log.done(event));
  }
}
