import type { Clock } from '../../../support/clock.ts';
import { FunctionsClosedError } from '../functions.ts';
import { CrashLoops, type Crash, type CrashListener } from './crash-loop.ts';
import type { FinishedInvocation, InvocationRequest } from './invocation-request.ts';

/** What the pool needs to know of a function: the same object as long as its code and configuration stay the same. */
export interface PooledFunction {
  readonly name: string;
  /** Maximum number of processes of all functions with this name: the versions of one. May change. */
  readonly concurrencyMax: number;
  createProcess(events: ProcessEvents): PooledProcess;
}

/** A process as the pool sees it; see FunctionProcess. */
export interface PooledProcess {
  /** Starts it with its first invocation. */
  start(work: InvocationRequest): Promise<FinishedInvocation>;
  /** Requires an idle process. */
  run(work: InvocationRequest): Promise<FinishedInvocation>;
  kill(): void;
  /** Its code has changed since it was loaded. */
  readonly stale: boolean;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

export interface ProcessEvents {
  /** It has loaded its code and starts its first invocation. */
  readonly onReady: (process: PooledProcess) => void;
  /** It has responded, and will most likely be idle in a moment. */
  readonly onAnswer: (process: PooledProcess) => void;
  /** It is ready for an invocation. */
  readonly onIdle: (process: PooledProcess) => void;
  /** It has ended, with its children; a crash is an end before its first invocation that nobody asked for. */
  readonly onEnd: (process: PooledProcess, crash?: Crash) => void;
}

export interface PoolOptions {
  readonly processesMax: number;
  /**
   * How many processes of one function may be starting at once: starting is CPU work, so more of them would be ready
   * later.
   */
  readonly startsAtOnceMax: number;
  /** How many invocations of one function may wait for a process. */
  readonly waitingMax: number;
  /** A process that is idle for this long is ended. */
  readonly idleMs: number;
  readonly crashes?: CrashListener;
}

/** How long a process that has responded may take to become idle before another is started instead. */
const SETTLING_MS = 500;

export class TooManyWaitingError extends Error {
  override readonly name = 'TooManyWaitingError';
}

export interface WaitOptions {
  /** Cancels the wait; has no effect once the invocation runs. */
  readonly signal?: AbortSignal | undefined;
  /** Maximum wait. */
  readonly waitMsMax?: number | undefined;
  /** Whether it waits for the end of the pause that follows crashes; else it fails at once with the last one's error. */
  readonly waitsForPause?: boolean | undefined;
}

interface PendingInvocation {
  readonly waitsForPause: boolean;
  readonly work: InvocationRequest;
  readonly resolve: (finished: FinishedInvocation) => void;
  readonly reject: (error: Error) => void;
}

interface FunctionQueue {
  readonly function: PooledFunction;
  readonly idle: { readonly process: PooledProcess; readonly cancelReaping: () => void }[];
  readonly waiting: PendingInvocation[];
  /** Processes that have responded and are about to be idle, with the timer that stops waiting for them. */
  readonly settling: Map<PooledProcess, () => void>;
  readonly starting: Set<PooledProcess>;
  /** All its processes, including starting ones. */
  readonly processes: Set<PooledProcess>;
  retired: boolean;
  /** Resolves when its last process has ended. */
  readonly done: PromiseWithResolvers<void>;
}

/**
 * All processes of all functions. An invocation takes a warm process, starts one, or waits. Invocations of one function
 * are served in order of arrival; waiting functions take turns. A function at its limit does not delay others; idle
 * processes are ended when another function needs their place.
 */
export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  /** Keyed by the current version of each function. */
  readonly #lanes = new Map<PooledFunction, FunctionQueue>();
  readonly #processes = new Set<PooledProcess>();
  readonly #crashLoops: CrashLoops;
  #closed = false;
  #graceIsOver = false;

  constructor(options: PoolOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#crashLoops = new CrashLoops(clock, options.crashes);
  }

  /** Throws TooManyWaitingError, FunctionsClosedError. */
  async run(
    pooled: PooledFunction,
    work: InvocationRequest,
    { signal, waitMsMax, waitsForPause = true }: WaitOptions = {},
  ): Promise<FinishedInvocation> {
    signal?.throwIfAborted();
    if (this.#closed) throw new FunctionsClosedError('the server is stopping');
    const lane = this.#lane(pooled);
    if (lane.waiting.length >= this.#options.waitingMax) {
      throw new TooManyWaitingError(`too many invocations of ${pooled.name} are waiting for a process`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<FinishedInvocation>();
    const waiting: PendingInvocation = { work, waitsForPause, resolve, reject };
    lane.waiting.push(waiting);
    const giveUp = (error: Error): void => {
      const at = lane.waiting.indexOf(waiting);
      if (at < 0) return;
      lane.waiting.splice(at, 1);
      reject(error);
    };
    const onAbort = (): void =>
      giveUp(new FunctionsClosedError('the caller cancelled the invocation', { cause: signal?.reason }));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#serve(lane);
    const cancel =
      waitMsMax === undefined || !lane.waiting.includes(waiting)
        ? undefined
        : this.#clock.schedule(waitMsMax, () =>
            giveUp(
              new TooManyWaitingError(`an invocation of ${pooled.name} timed out waiting for a process`),
            ),
          );
    try {
      return await promise;
    } finally {
      cancel?.();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * The function has changed or was deleted: running and waiting invocations still run, then its processes end.
   * Resolves when none is left.
   */
  async retire(pooled: PooledFunction): Promise<void> {
    const lane = this.#lanes.get(pooled);
    if (lane === undefined) return;
    lane.retired = true;
    for (const { process } of this.#takeIdle(lane)) process.kill();
    this.#forgetIfDone(lane);
    await lane.done.promise;
  }

  /**
   * Waits up to `graceMs` for invocations in progress, then kills them; they and all waiting ones fail with
   * FunctionsClosedError.
   */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes.values()) {
      for (const { reject } of lane.waiting.splice(0))
        reject(new FunctionsClosedError('the server is stopping'));
      for (const { process } of this.#takeIdle(lane)) process.kill();
    }
    const all = Promise.all([...this.#processes].map((process) => process.ended));
    const cancel = this.#clock.schedule(graceMs, () => {
      this.#graceIsOver = true;
      for (const process of this.#processes) process.kill();
    });
    await all;
    cancel();
  }

  /** Starts processes for waiting invocations, after a limit has been raised. */
  serveWaiting(): void {
    for (const lane of this.#lanes.values()) if (lane.waiting.length > 0) this.#serve(lane);
  }

  #lane(pooled: PooledFunction): FunctionQueue {
    let lane = this.#lanes.get(pooled);
    if (lane === undefined) {
      const done = Promise.withResolvers<void>();
      lane = {
        function: pooled,
        idle: [],
        waiting: [],
        settling: new Map(),
        starting: new Set(),
        processes: new Set(),
        retired: false,
        done,
      };
      this.#lanes.set(pooled, lane);
    }
    return lane;
  }

  /** Assigns waiting invocations to idle processes, or starts new ones. */
  #serve(lane: FunctionQueue): void {
    while (lane.waiting.length > 0 && !this.#closed) {
      const idle = this.#takeWarm(lane);
      // A process that is about to be idle is available sooner than a new one.
      if (idle === undefined && lane.settling.size >= lane.waiting.length) return;
      if (idle === undefined && this.#isPaused(lane)) break;
      if (idle === undefined && !this.#mayStart(lane)) return;
      const next = lane.waiting.shift();
      if (next === undefined) return;
      const process = idle ?? this.#create(lane);
      const finished = idle === undefined ? process.start(next.work) : process.run(next.work);
      void this.#passOn(finished, next);
    }
    this.#forgetIfDone(lane);
  }

  /** During the pause after a crash no process is started: callers that do not wait get the error of the last one. */
  #isPaused(lane: FunctionQueue): boolean {
    const loop = this.#crashLoops.paused(lane.function);
    if (loop === undefined) return false;
    for (const invocation of lane.waiting.splice(0)) {
      if (invocation.waitsForPause) lane.waiting.push(invocation);
      else invocation.resolve(loop.failed(invocation.work.requestId));
    }
    if (lane.waiting.length > 0) loop.wakeUp(() => this.#serve(lane));
    return true;
  }

  async #passOn(
    finished: Promise<FinishedInvocation>,
    { resolve, reject }: PendingInvocation,
  ): Promise<void> {
    const result = await finished;
    const cutShort = this.#graceIsOver && result.failure !== undefined;
    if (cutShort) reject(new FunctionsClosedError('the server is stopping'));
    else resolve(result);
  }

  #takeWarm(lane: FunctionQueue): PooledProcess | undefined {
    for (let entry = lane.idle.pop(); entry !== undefined; entry = lane.idle.pop()) {
      entry.cancelReaping();
      if (!entry.process.stale) return entry.process;
      entry.process.kill();
    }
    return undefined;
  }

  #mayStart(lane: FunctionQueue): boolean {
    if (this.#isAtLimit(lane)) return this.#endIdleSibling(lane);
    // After a crash, one process at a time shows whether the next would do better.
    const startsMax = this.#crashLoops.has(lane.function) ? 1 : this.#options.startsAtOnceMax;
    if (lane.starting.size >= startsMax) return false;
    return this.#processes.size < this.#options.processesMax || this.#makeRoom(lane);
  }

  /** Whether the function has as many processes as it may, in all its versions. */
  #isAtLimit(lane: FunctionQueue): boolean {
    let count = lane.processes.size;
    for (const sibling of this.#siblings(lane)) count += sibling.processes.size;
    return count >= lane.function.concurrencyMax;
  }

  /** The lanes of the function's other versions. Replaced ones only finish what they have. */
  *#siblings(lane: FunctionQueue): Generator<FunctionQueue> {
    const { name } = lane.function;
    for (const other of this.#lanes.values()) {
      if (other !== lane && other.function.name === name && !other.retired) yield other;
    }
  }

  /** Makes room for another version of the same function. */
  #endIdleSibling(lane: FunctionQueue): false {
    for (const sibling of this.#siblings(lane)) {
      const entry = sibling.idle.shift();
      if (entry === undefined) continue;
      entry.cancelReaping();
      entry.process.kill();
      break;
    }
    return false;
  }

  /** Ends the process of another function that has been idle longest. Its place is free once it has ended. */
  #makeRoom(needy: FunctionQueue): false {
    for (const lane of this.#lanes.values()) {
      const entry = lane === needy ? undefined : lane.idle.shift();
      if (entry === undefined) continue;
      entry.cancelReaping();
      entry.process.kill();
      break;
    }
    return false;
  }

  #create(lane: FunctionQueue): PooledProcess {
    const process = lane.function.createProcess({
      onReady: (ready) => {
        lane.starting.delete(ready);
        this.#crashLoops.end(lane.function);
        this.#serve(lane);
      },
      onAnswer: (answered) => this.#onAnswer(lane, answered),
      onIdle: (idle) => this.#onIdle(lane, idle),
      onEnd: (ended, crash) => this.#onEnd(lane, ended, crash),
    });
    lane.processes.add(process);
    lane.starting.add(process);
    this.#processes.add(process);
    return process;
  }

  #onAnswer(lane: FunctionQueue, process: PooledProcess): void {
    const cancel = this.#clock.schedule(SETTLING_MS, () => {
      lane.settling.delete(process);
      this.#serve(lane);
    });
    lane.settling.set(process, cancel);
  }

  #settled(lane: FunctionQueue, process: PooledProcess): void {
    lane.settling.get(process)?.();
    lane.settling.delete(process);
  }

  #onIdle(lane: FunctionQueue, process: PooledProcess): void {
    this.#settled(lane, process);
    const unwanted = this.#closed || (lane.retired && lane.waiting.length === 0) || this.#othersNeedIt(lane);
    if (unwanted || process.stale) return process.kill();
    const cancelReaping = this.#clock.schedule(this.#options.idleMs, () => {
      const at = lane.idle.findIndex((entry) => entry.process === process);
      if (at >= 0) lane.idle.splice(at, 1);
      process.kill();
    });
    lane.idle.push({ process, cancelReaping });
    this.#serve(lane);
  }

  /** Another version of the function is waiting for its place, or all places are taken and another function, which has fewer processes, is waiting. */
  #othersNeedIt(lane: FunctionQueue): boolean {
    for (const sibling of this.#siblings(lane)) {
      const isHungrier = lane.waiting.length === 0 || sibling.processes.size < lane.processes.size;
      if (sibling.waiting.length > 0 && isHungrier && this.#isAtLimit(sibling)) return true;
    }
    if (this.#processes.size < this.#options.processesMax) return false;
    for (const other of this.#lanes.values()) {
      if (other === lane || other.waiting.length === 0) continue;
      if (this.#isAtLimit(other)) continue;
      if (lane.waiting.length === 0 || other.processes.size < lane.processes.size) return true;
    }
    return false;
  }

  #onEnd(lane: FunctionQueue, process: PooledProcess, crash: Crash | undefined): void {
    if (crash !== undefined) this.#crashLoops.add(lane.function, crash);
    this.#settled(lane, process);
    lane.starting.delete(process);
    lane.processes.delete(process);
    this.#processes.delete(process);
    const at = lane.idle.findIndex((entry) => entry.process === process);
    if (at >= 0) lane.idle.splice(at, 1)[0]?.cancelReaping();
    // Fewest processes first.
    const hungry = [...this.#lanes.values()].filter((other) => other.waiting.length > 0);
    hungry.sort((one, other) => one.processes.size - other.processes.size);
    for (const other of hungry) this.#serve(other);
    this.#forgetIfDone(lane);
  }

  #takeIdle(lane: FunctionQueue): FunctionQueue['idle'] {
    for (const { cancelReaping } of lane.idle) cancelReaping();
    return lane.idle.splice(0);
  }

  #forgetIfDone(lane: FunctionQueue): void {
    if (lane.waiting.length > 0 || lane.processes.size > 0) return;
    if (this.#lanes.get(lane.function) === lane) this.#lanes.delete(lane.function);
    lane.done.resolve();
  }
}
