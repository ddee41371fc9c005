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

/** The limits that are enforced. Where there are none, a stream has no throttle, and its hot paths do no more work. */
export class Throttles {
  readonly account: AccountLimits;
  /** Held by a put to a limited stream, by the call's id, so that its repeat waits for its answer. */
  readonly calls = new KeyedLock();
  readonly partialPuts: PartialPuts;
  readonly #clock: Clock;
  /** Of single streams, by name. */
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

  /** The limits of one stream; those of all streams hold for it when it has none of its own. */
  declare(name: string, own: DeclaredStreamLimits | undefined): void {
    const before = this.#ownLimits.get(name);
    const limits = own === undefined ? undefined : streamLimits(this.account, own);
    if (isDeepStrictEqual(limits, before)) return;
    if (limits === undefined) this.#ownLimits.delete(name);
    else this.#ownLimits.set(name, limits);
    // What streams have used up of their limits is forgotten.
    this.#streams = new WeakMap();
    this.#any = [this.account, ...this.#ownLimits.values()].some(isLimited);
  }

  /** Undefined when nothing limits the stream. */
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
