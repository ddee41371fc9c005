import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { lambdaLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { ProcessReaper } from './process-reaper.ts';
import type { Crash } from './crash-loop.ts';
import { InvocationLog, type LogFormat } from './invocation-log.ts';
import type { IsolatedCommand, IsolatedProgram, Isolation } from '../isolation/isolation.ts';
import type { StartRefusal } from './families/family.ts';
import type { MemoryWatch, WatchedProcess } from './memory-watch.ts';
import { LoadedFiles } from './loaded-files.ts';
import { memoryOfTree } from './process-memory.ts';
import * as outcomes from './outcome.ts';
import type { InvocationOutcome } from './outcome.ts';
import { splitLine, frameSplitter, OutputPipe, type LogSink } from './output.ts';
import type { PooledProcess, ProcessEvents } from './process-pool.ts';
import type { FinishedInvocation, InvocationRequest } from './invocation-request.ts';
import { RuntimeApi, type RuntimeListener } from './runtime-api.ts';
import { traceHeaders } from './trace-headers.ts';

export interface ProcessOptions {
  readonly program: IsolatedProgram;
  /** Why it cannot be started. */
  readonly refusal: StartRefusal | undefined;
  /** The variable that names the first invocation. */
  readonly requestVariable: string | undefined;
  readonly logFormat: LogFormat;
  readonly timeoutMs: number;
  /** The function's MemorySize, and the limit for its process and all that it starts. */
  readonly memoryMegabytes: number;
  readonly memoryBytesMax: number;
}

export interface ProcessDependencies extends ProcessEvents {
  readonly isolation: Isolation;
  readonly memory: MemoryWatch;
  readonly clock: Clock;
  readonly reaper: ProcessReaper;
  readonly sink: LogSink;
  readonly log: Log;
}

interface RunningInvocation {
  readonly work: InvocationRequest;
  readonly done: (finished: FinishedInvocation) => void;
  startedMs: number;
  cancelTimeout: () => void;
}

/** File descriptor 3 of every function: Lambda's telemetry pipe. */
const TELEMETRY_DESCRIPTOR = 3;

/**
 * A process of a function: started for its first invocation, then given one invocation after another. It runs in a
 * process group of its own; at a timeout the whole group is killed.
 *   starting -> idle -> busy -> settling -> idle -> ... -> ended
 * `settling`: the response has arrived, but the process has not asked for more yet.
 */
export class FunctionProcess implements PooledProcess {
  readonly #options: ProcessOptions;
  readonly #dependencies: ProcessDependencies;
  readonly #log: InvocationLog;
  readonly #launchedMs = performance.now();
  #state: 'starting' | 'idle' | 'busy' | 'settling' | 'ended' = 'starting';
  #api: RuntimeApi | undefined;
  #child: ChildProcess | undefined;
  #command: IsolatedCommand | undefined;
  #unwatch: (() => void) | undefined;
  #peakBytes: number | undefined;
  #measuredMs = Number.NEGATIVE_INFINITY;
  #outputs: OutputPipe[] = [];
  #job: RunningInvocation | undefined;
  #initMs: number | undefined;
  /** The reason why the process ends, when it is known better than from the exit code. */
  #fate: InvocationOutcome | undefined;
  #killed = false;
  /** The response that the caller is waiting for. */
  #settled = Promise.resolve();
  #files = LoadedFiles.none;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: ProcessOptions, dependencies: ProcessDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#log = new InvocationLog(dependencies.clock, dependencies.sink, options.logFormat);
  }

  /** Resolves when the process has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Its code has changed since it was loaded: it must not get another invocation. */
  get stale(): boolean {
    return this.#files.changed();
  }

  /** Starts the process with its first invocation. */
  start(work: InvocationRequest): Promise<FinishedInvocation> {
    const finished = this.#accept(work);
    this.#launch().catch((error: NodeJS.ErrnoException) =>
      this.#failToStart(this.#options.program.command, error),
    );
    return finished;
  }

  /** Gives an idle process an invocation. */
  run(work: InvocationRequest): Promise<FinishedInvocation> {
    if (this.#state !== 'idle')
      throw new Error(`a process in the state ${this.#state} was given an invocation`);
    const finished = this.#accept(work);
    this.#begin();
    return finished;
  }

  /** Kills it immediately; an invocation in progress fails. */
  kill(): void {
    this.#killed = true;
    const pid = this.#child?.pid;
    if (pid === undefined || this.#state === 'ended') return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The process has ended already; `exit` follows.
    }
  }

  #accept(work: InvocationRequest): Promise<FinishedInvocation> {
    return new Promise((done) => {
      this.#job = { work, done, startedMs: performance.now(), cancelTimeout: () => {} };
    });
  }

  async #launch(): Promise<void> {
    const { program, refusal, timeoutMs } = this.#options;
    if (refusal !== undefined) return await this.#failToStart(refusal.command, refusal);
    this.#api = await RuntimeApi.open(this.#listener(), this.#dependencies.log);
    if (this.#killed) {
      await this.#settle(outcomes.exited(this.#currentJob().work.requestId, null, 'SIGKILL'));
      return this.#end();
    }
    const child = this.#spawn(program, this.#api.address);
    this.#child = child;
    this.#log.start();
    const { pid } = child;
    if (pid !== undefined) {
      this.#dependencies.reaper.add(pid, this.#command?.userId);
      this.#unwatch = this.#dependencies.memory.add(this.#watched(pid));
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) void this.#failToStart(program.command, error);
    });
    child.on('exit', (code, signal) => void this.#exited(code, signal));
    this.#outputs = [
      this.#read(child.stdio[1], false),
      this.#read(child.stdio[2], false),
      this.#read(child.stdio[TELEMETRY_DESCRIPTOR], true),
    ];
    this.#limit(Math.max(lambdaLimits.functionInitMsMax, timeoutMs));
  }

  #spawn(program: IsolatedProgram, runtimeApi: string): ChildProcess {
    const { requestVariable } = this.#options;
    const isolated = this.#dependencies.isolation.command({
      ...program,
      environment: {
        ...program.environment,
        ...(requestVariable === undefined ? {} : { [requestVariable]: this.#currentJob().work.requestId }),
        AWS_LAMBDA_RUNTIME_API: runtimeApi,
        _LAMBDA_TELEMETRY_LOG_FD: String(TELEMETRY_DESCRIPTOR),
      },
    });
    this.#command = isolated;
    return spawn(isolated.command, isolated.args, {
      cwd: isolated.folder,
      env: isolated.environment,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
  }

  #watched(pid: number): WatchedProcess {
    return {
      pid,
      bytesMax: this.#options.memoryBytesMax,
      busy: () => this.#state === 'busy' || this.#state === 'starting',
      measured: ({ peakBytes }) => {
        this.#peakBytes = Math.max(this.#peakBytes ?? 0, peakBytes);
        this.#measuredMs = performance.now();
      },
      exceeded: () => {
        const requestId = this.#job?.work.requestId;
        if (requestId !== undefined) this.#fate = outcomes.exited(requestId, null, 'SIGKILL');
        this.kill();
      },
    };
  }

  #read(stream: unknown, framed: boolean): OutputPipe {
    // All of them were created as pipes, so they can be read.
    const pipe = stream instanceof Readable ? stream : Readable.from([]);
    return new OutputPipe(
      pipe,
      framed ? frameSplitter() : splitLine,
      (message) => (framed ? this.#log.write(message) : this.#log.print(message)),
      () => this.#log.drained(),
    );
  }

  #listener(): RuntimeListener {
    return {
      next: () => this.#next(),
      finish: (requestId, outcome) => {
        if (this.#state !== 'busy' || this.#job?.work.requestId !== requestId) return false;
        this.#state = 'settling';
        this.#settled = this.#settle(outcome);
        return true;
      },
      initError: (outcome) => {
        if (this.#state !== 'starting') return false;
        this.#fate = outcome;
        return true;
      },
      loadedFiles: (payload) => {
        this.#files = LoadedFiles.parse(payload);
      },
    };
  }

  /**
   * The process asks for an invocation: the first one is waiting for it; `run` hands over later ones. An idle process
   * asks again when it has lost its connection.
   */
  #next(): boolean {
    const before = this.#state;
    if (before === 'busy' || before === 'ended') return false;
    if (before === 'idle') return true;
    this.#state = 'idle';
    if (before === 'settling') {
      // The log of the previous invocation may still be being written.
      if (this.#job === undefined) this.#dependencies.onIdle(this);
      return true;
    }
    this.#job?.cancelTimeout();
    this.#initMs = performance.now() - this.#launchedMs;
    this.#log.loaded(this.#initMs);
    this.#begin();
    this.#dependencies.onReady(this);
    return true;
  }

  #begin(): void {
    const { work } = this.#currentJob();
    const { timeoutMs } = this.#options;
    this.#state = 'busy';
    this.#dependencies.memory.hurry();
    this.#log.begin(work.requestId);
    this.#currentJob().startedMs = performance.now();
    this.#limit(timeoutMs);
    const nowMs = this.#dependencies.clock.now();
    const trace = traceHeaders(work.trace, nowMs, nowMs + timeoutMs);
    // Wall-clock time, because the function compares it with its own clock.
    this.#api?.hand({ ...work, deadlineMs: Date.now() + timeoutMs, trace });
  }

  #limit(ms: number): void {
    const job = this.#currentJob();
    job.cancelTimeout = this.#dependencies.clock.schedule(ms, () => {
      this.#fate = outcomes.timedOut(job.work.requestId, ms);
      this.kill();
    });
  }

  /** Ends the current invocation: waits until its output has arrived, then writes the closing lines. */
  async #settle(outcome: InvocationOutcome): Promise<void> {
    const { work, done, startedMs, cancelTimeout } = this.#currentJob();
    const durationMs = performance.now() - startedMs;
    cancelTimeout();
    await this.#outputArrived();
    const { timeoutMs, memoryMegabytes } = this.#options;
    this.#log.end(work.requestId, outcome, {
      durationMs,
      timeoutMs,
      memoryMegabytes,
      memoryUsedMegabytes: this.#memoryUsedMegabytes(),
      initMs: this.#initMs,
    });
    this.#initMs = undefined;
    this.#job = undefined;
    if (this.#state === 'settling') this.#dependencies.onAnswer(this);
    done({ ...outcome, durationMs, logTail: this.#log.tail });
    if (this.#state === 'idle') this.#dependencies.onIdle(this);
  }

  /**
   * The handler's output is in pipes when its response arrives. They are read until a turn of the event loop finds no
   * more.
   */
  async #outputArrived(): Promise<void> {
    for (let turn = 0; turn < lambdaLimits.outputDrainTurnsMax; turn++) {
      const before = this.#outputs.reduce((sum, pipe) => sum + pipe.chunks, 0);
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      const after = this.#outputs.reduce((sum, pipe) => sum + pipe.chunks, 0);
      if (this.#outputs.some((pipe) => pipe.paused)) await this.#log.drained();
      else if (before === after) break;
    }
    for (const pipe of this.#outputs) pipe.flush();
  }

  async #exited(childCode: number | null, childSignal: string | null): Promise<void> {
    const { code, signal } = this.#command?.exitOf(childCode, childSignal) ?? {
      code: childCode,
      signal: childSignal,
    };
    const job = this.#job;
    const pid = this.#child?.pid;
    const isOwnEnd = !this.#killed || this.#fate !== undefined;
    const crash = this.#state === 'starting' && isOwnEnd ? this.#crash(code, signal) : undefined;
    // Kill the children that it left behind.
    if (pid !== undefined) {
      this.kill();
      this.#dependencies.reaper.remove(pid, this.#command?.userId);
    }
    this.#unwatch?.();
    await this.#settled;
    if (job !== undefined && job === this.#job) {
      const outcome = this.#fate ?? outcomes.exited(job.work.requestId, code, signal);
      if (this.#state === 'starting') {
        this.#log.loaded(performance.now() - this.#launchedMs, outcome.failure);
        this.#log.begin(job.work.requestId);
      }
      await this.#settle(outcome);
    }
    await this.#end(crash);
  }

  /** Undefined for a timeout, which takes long enough to need no pause. */
  #crash(code: number | null, signal: string | null): Crash | undefined {
    if (this.#fate?.failure?.status === 'timeout') return undefined;
    return {
      outcome: (requestId) => this.#fate ?? outcomes.exited(requestId, code, signal),
      isOutdated: () => this.stale,
    };
  }

  async #failToStart(command: string, error: Pick<NodeJS.ErrnoException, 'code'>): Promise<void> {
    const { requestId } = this.#currentJob().work;
    this.#log.begin(requestId);
    await this.#settle(outcomes.notStarted(requestId, command, error));
    await this.#end();
  }

  async #end(crash?: Crash): Promise<void> {
    this.#state = 'ended';
    this.#job?.cancelTimeout();
    this.#command?.release();
    await this.#api?.close();
    this.#dependencies.onEnd(this, crash);
    this.#ended.resolve();
  }

  /**
   * Scanning all processes costs as much as a short invocation, so the watch's last sample is used when it is recent.
   */
  #memoryUsedMegabytes(): number | undefined {
    const nowMs = performance.now();
    if (nowMs - this.#measuredMs >= lambdaLimits.functionMemoryCheckMs) {
      const peakBytes = memoryOfTree(this.#child?.pid)?.peakBytes ?? 0;
      this.#peakBytes = Math.max(this.#peakBytes ?? 0, peakBytes);
      this.#measuredMs = nowMs;
    }
    return this.#peakBytes ? Math.ceil(this.#peakBytes / (1024 * 1024)) : undefined;
  }

  #currentJob(): RunningInvocation {
    if (this.#job === undefined) throw new Error('the process has no invocation');
    return this.#job;
  }
}
