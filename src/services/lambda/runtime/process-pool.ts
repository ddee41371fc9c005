import type { Clock } from '../../../support/clock.ts';
import { FunctionsClosedError } from '../functions.ts';
import type { FinishedInvocation, InvocationRequest } from './invocation-request.ts';

/** What the pool needs to know of a function: the same object as long as its code and configuration are the same. */
export interface PooledFunction {
  readonly name: string;
  /** How many of its processes may run at once. */
  readonly concurrencyMax: number;
  createProcess(events: ProcessEvents): PooledProcess;
}

/** A process as the pool sees it; see FunctionProcess. */
export interface PooledProcess {
  /** Starts it with its first invocation. */
  start(work: InvocationRequest): Promise<FinishedInvocation>;
  /** Only when it is idle. */
  run(work: InvocationRequest): Promise<FinishedInvocation>;
  kill(): void;
  /** It is made of code that has changed since. */
  readonly stale: boolean;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
}

export interface ProcessEvents {
  /** It has loaded its code and begins its first invocation. */
  readonly onReady: (process: PooledProcess) => void;
  /** It has answered, and will most likely ask for another invocation in a moment. */
  readonly onAnswer: (process: PooledProcess) => void;
  /** It waits for an invocation. */
  readonly onIdle: (process: PooledProcess) => void;
  /** It is gone, with its children, and will not come back. */
  readonly onEnd: (process: PooledProcess) => void;
}

export interface PoolOptions {
  readonly processesMax: number;
  /** How many processes of one function may be starting: starting is work, and more at once are ready later. */
  readonly startsAtOnceMax: number;
  /** How many invocations of one function may wait for a process. */
  readonly waitingMax: number;
  /** A process that has had nothing to do for so long is ended. */
  readonly idleMs: number;
}

/** How long a process that has answered may take to ask for more before another is started in its stead. */
const SETTLING_MS = 500;

export class TooManyWaitingError extends Error {
  override readonly name = 'TooManyWaitingError';
}

export interface WaitOptions {
  /** Gives up waiting; has no effect once it runs. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after so long. */
  readonly waitMsMax?: number | undefined;
}

interface PendingInvocation {
  readonly work: InvocationRequest;
  readonly resolve: (finished: FinishedInvocation) => void;
  readonly reject: (error: Error) => void;
}

interface FunctionQueue {
  readonly function: PooledFunction;
  readonly idle: { readonly process: PooledProcess; readonly cancelReaping: () => void }[];
  readonly waiting: PendingInvocation[];
  /** Those that have answered and are about to be idle; one that stays away is not waited for. */
  readonly settling: Map<PooledProcess, () => void>;
  readonly starting: Set<PooledProcess>;
  /** All its processes, starting ones as well. */
  readonly processes: Set<PooledProcess>;
  retired: boolean;
  /** Resolved when nothing of it is left. */
  readonly done: PromiseWithResolvers<void>;
}

/**
 * All processes of all functions. An invocation takes a warm process, or starts one, or waits; those of one function
 * are served in the order they came, and functions that wait take turns. A function at its bound does not keep
 * others waiting; idle processes of others give way to one that is needed.
 */
export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  /** By the functions' present versions. */
  readonly #lanes = new Map<PooledFunction, FunctionQueue>();
  readonly #processes = new Set<PooledProcess>();
  #closed = false;
  #graceIsOver = false;

  constructor(options: PoolOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Throws TooManyWaitingError, FunctionsClosedError. */
  async run(
    pooled: PooledFunction,
    work: InvocationRequest,
    { signal, waitMsMax }: WaitOptions = {},
  ): Promise<FinishedInvocation> {
    signal?.throwIfAborted();
    if (this.#closed) throw new FunctionsClosedError('the server is stopping');
    const lane = this.#lane(pooled);
    if (lane.waiting.length >= this.#options.waitingMax) {
      throw new TooManyWaitingError(`too many invocations of ${pooled.name} wait for a process`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<FinishedInvocation>();
    const waiting: PendingInvocation = { work, resolve, reject };
    lane.waiting.push(waiting);
    const giveUp = (error: Error): void => {
      const at = lane.waiting.indexOf(waiting);
      if (at < 0) return;
      lane.waiting.splice(at, 1);
      reject(error);
    };
    const onAbort = (): void =>
      giveUp(new FunctionsClosedError('the caller has given up', { cause: signal?.reason }));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#serve(lane);
    const cancel =
      waitMsMax === undefined || !lane.waiting.includes(waiting)
        ? undefined
        : this.#clock.schedule(waitMsMax, () =>
            giveUp(new TooManyWaitingError(`an invocation of ${pooled.name} waited in vain for a process`)),
          );
    try {
      return await promise;
    } finally {
      cancel?.();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * The function has changed or is gone: what runs or waits still runs, nothing stays warm. Resolves when none of its
   * processes is left.
   */
  async retire(pooled: PooledFunction): Promise<void> {
    const lane = this.#lanes.get(pooled);
    if (lane === undefined) return;
    lane.retired = true;
    for (const { process } of this.#takeIdle(lane)) process.kill();
    this.#forgetIfDone(lane);
    await lane.done.promise;
  }

  /** Waits up to `graceMs` for what runs, then ends it; who waits for that, or for a process, gets FunctionsClosedError. */
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

  /** Gives waiting invocations to idle processes, or starts more. */
  #serve(lane: FunctionQueue): void {
    while (lane.waiting.length > 0 && !this.#closed) {
      const idle = this.#takeWarm(lane);
      // A process that will be free in a moment is sooner there than a new one.
      if (idle === undefined && lane.settling.size >= lane.waiting.length) return;
      if (idle === undefined && !this.#mayStart(lane)) return;
      const next = lane.waiting.shift();
      if (next === undefined) return;
      const process = idle ?? this.#create(lane);
      const finished = idle === undefined ? process.start(next.work) : process.run(next.work);
      void this.#passOn(finished, next);
    }
    this.#forgetIfDone(lane);
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
    if (lane.processes.size >= lane.function.concurrencyMax) return false;
    if (lane.starting.size >= this.#options.startsAtOnceMax) return false;
    return this.#processes.size < this.#options.processesMax || this.#makeRoom(lane);
  }

  /** Ends the process that has been idle for longest in another function. Its place is free when it is gone. */
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
        this.#serve(lane);
      },
      onAnswer: (answered) => this.#onAnswer(lane, answered),
      onIdle: (idle) => this.#onIdle(lane, idle),
      onEnd: (ended) => this.#onEnd(lane, ended),
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

  /** All places are taken and another function, which has none or fewer, waits. */
  #othersNeedIt(lane: FunctionQueue): boolean {
    if (this.#processes.size < this.#options.processesMax) return false;
    for (const other of this.#lanes.values()) {
      if (other === lane || other.waiting.length === 0) continue;
      if (other.processes.size >= other.function.concurrencyMax) continue;
      if (lane.waiting.length === 0 || other.processes.size < lane.processes.size) return true;
    }
    return false;
  }

  #onEnd(lane: FunctionQueue, process: PooledProcess): void {
    this.#settled(lane, process);
    lane.starting.delete(process);
    lane.processes.delete(process);
    this.#processes.delete(process);
    const at = lane.idle.findIndex((entry) => entry.process === process);
    if (at >= 0) lane.idle.splice(at, 1)[0]?.cancelReaping();
    // Fewest processes first: the place goes to the function that has the least.
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
