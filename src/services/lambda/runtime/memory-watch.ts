import { lambdaLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import { memoryOfTree, type ProcessMemory } from './process-memory.ts';

/** A process to watch, with all its descendants. */
export interface WatchedProcess {
  readonly pid: number;
  readonly bytesMax: number;
  /** It is starting or has an invocation. */
  busy(): boolean;
  measured(memory: ProcessMemory): void;
  exceeded(): void;
}

/** Up to this many are sampled at the normal interval; more of them less often. */
const PROCESSES_AT_ONCE = 8;
const LOOKS_BETWEEN_IDLE = Math.ceil(
  lambdaLimits.functionMemoryIdleCheckMs / lambdaLimits.functionMemoryCheckMs,
);

/**
 * Limits the memory of functions. The kernel's limits apply to single processes, which does not bound a function that
 * starts more, and they do not bound V8 at all. Idle when no function has a process.
 */
export class MemoryWatch {
  readonly #clock: Clock;
  readonly #watched = new Set<WatchedProcess>();
  #cancel: (() => void) | undefined;
  #hurried = false;
  #looks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns a function that stops the watch. */
  add(watched: WatchedProcess): () => void {
    this.#watched.add(watched);
    this.hurry();
    return () => {
      this.#watched.delete(watched);
      if (this.#watched.size === 0) this.#stop();
    };
  }

  /** A process has started to work: sample soon. */
  hurry(): void {
    if (this.#hurried || this.#watched.size === 0) return;
    this.#stop();
    this.#schedule(true);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#hurried = false;
  }

  #schedule(hurried: boolean): void {
    this.#hurried = hurried;
    const { functionMemoryCheckMs: busyMs, functionMemoryIdleCheckMs: idleMs } = lambdaLimits;
    const delayMs = hurried ? busyMs * Math.ceil(this.#watched.size / PROCESSES_AT_ONCE) : idleMs;
    this.#cancel = this.#clock.schedule(delayMs, () => this.#look(hurried));
  }

  #look(hurried: boolean): void {
    let busy = 0;
    const all = !hurried || this.#looks++ % LOOKS_BETWEEN_IDLE === 0;
    for (const watched of this.#watched) {
      const isBusy = watched.busy();
      if (isBusy) busy++;
      if (!all && !isBusy) continue;
      const memory = memoryOfTree(watched.pid);
      if (memory === undefined) continue;
      watched.measured(memory);
      if (memory.usedBytes > watched.bytesMax) watched.exceeded();
    }
    if (this.#watched.size > 0) this.#schedule(busy > 0);
    else this.#stop();
  }
}
