import { isDeepStrictEqual } from 'node:util';
import {
  accountLimits,
  type AccountLimits,
  type DeclaredLimits,
  type DeclaredStreamLimits,
  STREAM_LIMITS,
  streamLimits,
  type StreamLimits,
} from '../../../config/kinesis-limits.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Clock } from '../../../support/clock.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { Stream } from '../streams/stream.ts';
import { PartialPuts } from './partial-puts.ts';
import { StreamThrottle } from './stream-throttle.ts';

export interface ThrottlesOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly limits?: DeclaredLimits | undefined;
}

/** The enforced limits. Without limits a stream has no throttle, and its hot paths do no extra work. */
export class Throttles {
  readonly account: AccountLimits;
  /** Held during a put to a limited stream, by invocation id, so that a retry waits for the first attempt's result. */
  readonly calls = new KeyedLock();
  readonly partialPuts: PartialPuts;
  readonly #clock: Clock;
  /** Limits of single streams, by name. */
  readonly #ownLimits = new Map<string, StreamLimits>();
  #streams = new WeakMap<Stream, StreamThrottle>();
  /** Whether any stream can have limits. */
  #any: boolean;

  constructor(options: ThrottlesOptions) {
    this.#clock = options.clock;
    this.partialPuts = new PartialPuts(options.engine, options.clock);
    this.account = accountLimits(options.limits);
    this.#any = isLimited(this.account);
  }

  /** Sets a stream's own limits; without them the limits of all streams apply. */
  declare(name: string, own: DeclaredStreamLimits | undefined): void {
    const before = this.#ownLimits.get(name);
    const limits = own === undefined ? undefined : streamLimits(this.account, own);
    if (isDeepStrictEqual(limits, before)) return;
    if (limits === undefined) this.#ownLimits.delete(name);
    else this.#ownLimits.set(name, limits);
    // Resets the used limits of all streams.
    this.#streams = new WeakMap();
    this.#any = [this.account, ...this.#ownLimits.values()].some(isLimited);
  }

  /** Undefined when the stream has no limits. */
  of(stream: Stream): StreamThrottle | undefined {
    if (!this.#any) return undefined;
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const limits = this.#ownLimits.get(stream.name) ?? this.account;
    if (!isLimited(limits)) return undefined;
    const throttle = new StreamThrottle(stream, limits, this.#clock);
    this.#streams.set(stream, throttle);
    return throttle;
  }
}

function isLimited(limits: StreamLimits): boolean {
  return STREAM_LIMITS.some((name) => limits[name] !== Infinity);
}
