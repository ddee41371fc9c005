import type { Clock } from '../../../support/clock.ts';
import { backoffMs } from '../../../support/backoff.ts';
import { lambdaLimits } from '../limits.ts';
import type { FinishedInvocation } from './invocation-request.ts';
import type { InvocationOutcome } from './outcome.ts';

/** The end of a process before it took an invocation. */
export interface Crash {
  /** What its invocation failed with; the message may name the request. */
  outcome(requestId: string): InvocationOutcome;
  /** The code has changed since: a new process may do better. */
  isOutdated(): boolean;
}

/** The function of a loop: a version of one, with one code and configuration. */
interface Looping {
  readonly name: string;
}

export interface CrashListener {
  /** A process ended before it took an invocation; the next is started after the pause at the earliest. */
  onCrash(name: string, crashes: number, pauseMs: number): void;
  /** An invocation failed without a process, during such a pause. */
  onFailAtOnce(name: string): void;
}

/**
 * Functions whose processes end before they take an invocation, one after another. After the third of them, each is
 * followed by a pause before the next may start: 1 s, doubled up to 30 s. The first process that takes an invocation
 * ends the loop.
 */
export class CrashLoops {
  readonly #clock: Clock;
  readonly #listener: CrashListener | undefined;
  readonly #loops = new WeakMap<Looping, CrashLoop>();

  constructor(clock: Clock, listener: CrashListener | undefined) {
    this.#clock = clock;
    this.#listener = listener;
  }

  has(looping: Looping): boolean {
    return this.#loops.has(looping);
  }

  add(looping: Looping, crash: Crash): void {
    const { name } = looping;
    const crashes = (this.#loops.get(looping)?.crashes ?? 0) + 1;
    const pauseMs = pauseAfter(crashes);
    this.end(looping);
    this.#loops.set(
      looping,
      new CrashLoop(this.#clock, {
        crash,
        crashes,
        pauseMs,
        onFail: () => this.#listener?.onFailAtOnce(name),
      }),
    );
    this.#listener?.onCrash(name, crashes, pauseMs);
  }

  /** The loop of a function that may not start a process now. */
  paused(looping: Looping): CrashLoop | undefined {
    const loop = this.#loops.get(looping);
    if (loop === undefined || loop.pauseMs() === 0) return undefined;
    if (!loop.isOutdated()) return loop;
    this.end(looping);
    return undefined;
  }

  end(looping: Looping): void {
    this.#loops.get(looping)?.end();
    this.#loops.delete(looping);
  }
}

function pauseAfter(crashes: number): number {
  const attempt = crashes - lambdaLimits.functionCrashesUntilPause;
  const { functionCrashPauseMs: initialMs, functionCrashPauseMsMax: maxMs } = lambdaLimits;
  return attempt < 0 ? 0 : backoffMs({ initialMs, maxMs }, attempt + 1);
}

interface LastCrash {
  readonly crash: Crash;
  /** How many there were, with this one. */
  readonly crashes: number;
  readonly pauseMs: number;
  readonly onFail: () => void;
}

export class CrashLoop {
  readonly #clock: Clock;
  readonly #last: LastCrash;
  readonly #pauseEndsMs: number;
  #cancelWakeUp: (() => void) | undefined;

  constructor(clock: Clock, last: LastCrash) {
    this.#clock = clock;
    this.#last = last;
    this.#pauseEndsMs = clock.now() + last.pauseMs;
  }

  get crashes(): number {
    return this.#last.crashes;
  }

  isOutdated(): boolean {
    return this.#last.crash.isOutdated();
  }

  /** How long no process may be started. A clock that was set back does not prolong it. */
  pauseMs(): number {
    return Math.min(this.#last.pauseMs, Math.max(0, this.#pauseEndsMs - this.#clock.now()));
  }

  /** Calls back at the end of the pause, once. */
  wakeUp(callback: () => void): void {
    this.#cancelWakeUp ??= this.#clock.schedule(this.pauseMs(), () => {
      this.#cancelWakeUp = undefined;
      callback();
    });
  }

  /** The result of an invocation that fails without a process, as the last one that had one. */
  failed(requestId: string): FinishedInvocation {
    this.#last.onFail();
    return { ...this.#last.crash.outcome(requestId), durationMs: 0, logTail: Buffer.alloc(0) };
  }

  end(): void {
    this.#cancelWakeUp?.();
  }
}
