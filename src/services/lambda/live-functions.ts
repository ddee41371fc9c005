import type { KeyedLock } from '../../support/keyed-lock.ts';
import type { Log } from '../../support/log.ts';
import type { CodeStore } from './code/code-store.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { keyOf, type LayerFolders } from './layers/layer-folders.ts';
import type { FunctionLayer } from './layers/layer-row.ts';
import { lambdaLimits } from './limits.ts';
import { RunningFunction, type Concurrency, type RunningFunctionDependencies } from './running-function.ts';
import type { ProcessPool } from './runtime/process-pool.ts';
import { LATEST, versionKey } from './versions/version-row.ts';

export interface LiveFunctionsDependencies {
  readonly code: CodeStore;
  readonly pool: ProcessPool;
  readonly running: RunningFunctionDependencies;
  readonly log: Log;
  /** Serializes the changes of each function: code must not be removed while it is being put in use. */
  readonly locks: KeyedLock;
  readonly layerFolders: LayerFolders;
  /** Called when a function has ended: contents of its layers may be no longer needed. */
  readonly releaseLayers: (layers: readonly FunctionLayer[]) => Promise<void>;
  /** Of a function without a reservation. */
  readonly concurrencyMax: number;
}

/** The functions that can be invoked, each version by itself, and the old ones that still run. */
export class LiveFunctions {
  readonly #dependencies: LiveFunctionsDependencies;
  /** $LATEST of each function, by name. */
  readonly #latest = new Map<string, RunningFunction>();
  /** Published versions; keys are those of their rows. */
  readonly #versions = new Map<string, RunningFunction>();
  /** All of them, and replaced ones that still run. */
  readonly #alive = new Set<RunningFunction>();
  /** Removals of old code that wait for its last process. */
  readonly #removals = new Set<Promise<void>>();

  constructor(dependencies: LiveFunctionsDependencies) {
    this.#dependencies = dependencies;
  }

  get(name: string, version: string): RunningFunction | undefined {
    return version === LATEST ? this.#latest.get(name) : this.#versions.get(versionKey(name, version));
  }

  get count(): number {
    return this.#latest.size;
  }

  /** Sorted. */
  names(): string[] {
    return [...this.#latest.keys()].sort();
  }

  /** Adds a version, or replaces it: the old one finishes its invocations. */
  put(definition: FunctionDefinition): void {
    const { name, version } = definition;
    const before = this.get(name, version);
    const running = new RunningFunction(definition, this.#dependencies.running, () =>
      this.#concurrency(name),
    );
    if (version === LATEST) this.#latest.set(name, running);
    else this.#versions.set(versionKey(name, version), running);
    this.#alive.add(running);
    if (before !== undefined) this.#retire(before);
  }

  drop(name: string, version: string): void {
    const running = this.get(name, version);
    if (running === undefined) return;
    if (version === LATEST) this.#latest.delete(name);
    else this.#versions.delete(versionKey(name, version));
    this.#retire(running);
  }

  /** Waits for removals of code that are in progress. The pool must have been closed. */
  async close(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #concurrency(name: string): Concurrency {
    const reserved = this.#latest.get(name)?.definition.reservedConcurrency;
    const max = Math.min(reserved ?? this.#dependencies.concurrencyMax, lambdaLimits.functionProcessesMax);
    return { max, isReserved: reserved !== undefined };
  }

  /** After the last process has ended, ends its key, and removes its code unless another version has the same. */
  #retire(old: RunningFunction): void {
    const { pool, locks, log } = this.#dependencies;
    const removal = pool
      .retire(old)
      .then(() => locks.exclusive(old.name, () => this.#bury(old)))
      .catch((error: unknown) => {
        log.warn({ err: error, function: old.name }, 'could not remove the old code of a function');
      })
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Whether a function, also an old one that still runs, has this content of a layer. */
  usesLayer(layer: string, sha256: string): boolean {
    return [...this.#alive].some(({ definition: { layers = [] } }) =>
      layers.some((one) => one.layer === layer && one.sha256 === sha256),
    );
  }

  async #releaseLayers(layers: readonly FunctionLayer[]): Promise<void> {
    const { layerFolders, releaseLayers } = this.#dependencies;
    const key = keyOf(layers);
    await layerFolders.released(layers, () =>
      [...this.#alive].some(({ definition }) => keyOf(definition.layers ?? []) === key),
    );
    await releaseLayers(layers);
  }

  async #bury(old: RunningFunction): Promise<void> {
    this.#alive.delete(old);
    old.close();
    await this.#releaseLayers(old.definition.layers ?? []);
    const code = old.sha256;
    if (code === undefined) return;
    const shared = [...this.#alive].some((other) => other.name === old.name && other.sha256 === code);
    if (!shared) await this.#dependencies.code.remove(old.name, code);
  }
}
