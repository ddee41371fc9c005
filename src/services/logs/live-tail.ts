import { randomUUID } from 'node:crypto';
import type {
  LiveTailSessionLogEvent,
  LiveTailSessionStart,
  StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { type Clock, sleep } from '../../support/clock.ts';
import { sessionTimedOut, tailSessionsExceeded } from './errors.ts';
import { logsLimits } from './limits.ts';
import type { LogEvent } from './log-events.ts';
import type { LogGroup } from './log-group.ts';

/** A group of a session, and the identifier by which events name it. */
export interface TailedGroup {
  readonly group: LogGroup;
  readonly identifier: string;
}

/** The Live Tail sessions of a server. */
export class LiveTails {
  readonly #clock: Clock;
  readonly #sessions = new Set<LiveTail>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws LimitExceededException. */
  open(
    groups: readonly TailedGroup[],
    matches: (event: LogEvent) => boolean,
    start: LiveTailSessionStart,
  ): LiveTail {
    if (this.#sessions.size >= logsLimits.tailSessionsMax) throw tailSessionsExceeded();
    const session = new LiveTail(this.#clock, groups, matches, start, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }

  close(): void {
    for (const session of this.#sessions) session.end();
  }
}

/**
 * Sends the session's start, and then every second the events that have arrived since. Events beyond the bound of an
 * update are left out, and the update says so. Not a generator: `return` must end a pending `next`.
 */
export class LiveTail
  implements AsyncIterable<StartLiveTailResponseStream>, AsyncIterator<StartLiveTailResponseStream>
{
  readonly #clock: Clock;
  readonly #start: LiveTailSessionStart;
  readonly #endsMs: number;
  readonly #onEnd: () => void;
  readonly #stops: (() => void)[];
  readonly #ended = new AbortController();
  #started = false;
  #events: LiveTailSessionLogEvent[] = [];
  #bytes = 0;
  #isSampled = false;

  constructor(
    clock: Clock,
    groups: readonly TailedGroup[],
    matches: (event: LogEvent) => boolean,
    start: LiveTailSessionStart,
    onEnd: () => void,
  ) {
    this.#clock = clock;
    this.#start = { ...start, sessionId: randomUUID() };
    this.#endsMs = clock.now() + logsLimits.tailSessionMs;
    this.#onEnd = onEnd;
    this.#stops = groups.map(({ group, identifier }) =>
      group.listen((event) => {
        if (matches(event)) this.#add(event, identifier);
      }),
    );
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StartLiveTailResponseStream, undefined>> {
    if (!this.#started) {
      this.#started = true;
      return { value: { sessionStart: this.#start } };
    }
    await sleep(this.#clock, logsLimits.tailUpdateMs, this.#ended.signal);
    if (this.#ended.signal.aborted) return { done: true, value: undefined };
    if (this.#clock.now() >= this.#endsMs) {
      this.end();
      throw sessionTimedOut();
    }
    const update = { sessionMetadata: { sampled: this.#isSampled }, sessionResults: this.#events };
    this.#events = [];
    this.#bytes = 0;
    this.#isSampled = false;
    return { value: { sessionUpdate: update } };
  }

  async return(): Promise<IteratorResult<StartLiveTailResponseStream, undefined>> {
    this.end();
    return await Promise.resolve({ done: true, value: undefined });
  }

  end(): void {
    for (const stop of this.#stops) stop();
    this.#ended.abort();
    this.#onEnd();
  }

  #add({ stream, timestampMs, message, ingestedMs = timestampMs }: LogEvent, identifier: string): void {
    const bytes = Buffer.byteLength(message);
    const isFull =
      this.#events.length >= logsLimits.tailEventsPerUpdateMax ||
      (this.#events.length > 0 && this.#bytes + bytes > logsLimits.tailUpdateBytesMax);
    if (isFull) {
      this.#isSampled = true;
      return;
    }
    this.#bytes += bytes;
    this.#events.push({
      logGroupIdentifier: identifier,
      logStreamName: stream,
      message,
      timestamp: timestampMs,
      ingestionTime: ingestedMs,
    });
  }
}
