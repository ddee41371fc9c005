import { existsSync } from 'node:fs';
import { ServiceError } from '../../errors.ts';
import type { Transaction } from '../../engine/catalog.ts';
import { lambdaLimits } from './limits.ts';
import type { KeyedLock } from '../../support/keyed-lock.ts';
import type { Log } from '../../support/log.ts';
import type { CodeStore } from './code/code-store.ts';
import { functionDeclared, functionExists, functionNotFound, tooManyFunctions } from './errors.ts';
import type { FunctionDefinition, FunctionRow } from './function-definition.ts';
import { FunctionDirectory, type FunctionDirectoryOptions, type Resolved } from './function-directory.ts';
import { chosenVersion, type AliasRow } from './versions/aliases.ts';
import { LATEST } from './versions/version-row.ts';
import type { LayerFolders } from './layers/layer-folders.ts';
import type { FunctionLayer } from './layers/layer-row.ts';
import { LiveFunctions } from './live-functions.ts';
import type { RunningFunction, RunningFunctionDependencies } from './running-function.ts';
import type { ProcessPool } from './runtime/process-pool.ts';

export interface FunctionRegistryDependencies extends FunctionDirectoryOptions {
  readonly code: CodeStore;
  readonly pool: ProcessPool;
  readonly running: RunningFunctionDependencies;
  readonly log: Log;
  readonly concurrencyMax: number;
  /** Chooses the version of an invocation by the weights of its alias: from 0 to 1. */
  readonly random: () => number;
  readonly layerFolders: LayerFolders;
  /** Called when a function has ended: contents of its layers may be no longer needed. */
  readonly releaseLayers: (layers: readonly FunctionLayer[]) => Promise<void>;
  /** Serializes the changes of each function: code must not be removed or replaced while it is being put in use. */
  readonly locks: KeyedLock;
}

/** All functions by name: those created by the API (rows of the catalog) and declared ones, which take precedence. */
export class FunctionRegistry extends FunctionDirectory<RunningFunction> {
  readonly #dependencies: FunctionRegistryDependencies;
  readonly #live: LiveFunctions;
  readonly #declared = new Set<string>();

  private constructor(dependencies: FunctionRegistryDependencies) {
    super(dependencies);
    this.#dependencies = dependencies;
    this.#live = new LiveFunctions(dependencies);
  }

  /** Loads the functions of earlier runs, and removes leftover code of deleted ones. */
  static async open(dependencies: FunctionRegistryDependencies): Promise<FunctionRegistry> {
    const registry = new FunctionRegistry(dependencies);
    const wanted = new Map<string, Set<string>>();
    for (const [name, row] of registry.rows.entries()) {
      registry.install(row);
      wanted.set(name, new Set([row.code.sha256]));
    }
    for (const [, row] of registry.versionRows.entries()) {
      registry.install(row, row.version);
      wanted.get(row.name)?.add(row.code.sha256);
    }
    await dependencies.code.removeAllBut(wanted);
    return registry;
  }

  /** Whether any function or version, also one that still runs, has this content of a layer. */
  usesLayer(layer: string, sha256: string): boolean {
    for (const one of this.layersInUse()) if (one.layer === layer && one.sha256 === sha256) return true;
    return this.#live.usesLayer(layer, sha256);
  }

  /** The layers of the stored functions and versions. */
  *layersInUse(): Generator<FunctionLayer> {
    for (const table of [this.rows, this.versionRows]) {
      for (const [, { layers = [] }] of table.entries()) yield* layers;
    }
  }

  get code(): CodeStore {
    return this.#dependencies.code;
  }

  /** A declared function hides the versions of a created one. */
  override find(name: string, version: string): RunningFunction | undefined {
    return version !== LATEST && this.#declared.has(name) ? undefined : this.#live.get(name, version);
  }

  /** Like `resolve`; undefined when there is no such function, version or alias. */
  locate(text: string, qualifier?: string): RunningFunction | undefined {
    try {
      return this.resolve(text, qualifier).found;
    } catch (error) {
      // All errors of `resolve` mean that this server has no such function.
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  /** Like `resolve`, for one invocation: an alias with weights chooses one of its versions. */
  choose(text: string, qualifier?: string): Omit<Resolved<RunningFunction>, 'alias'> {
    const { reference, found, alias } = this.resolve(text, qualifier);
    if (alias?.second === undefined) return { reference, found };
    const version = chosenVersion(alias, this.#dependencies.random);
    return { reference, found: this.version(reference.name, version, reference) };
  }

  protected override names(): string[] {
    return this.#live.names();
  }

  override get count(): number {
    return this.#live.count;
  }

  override alias(functionName: string, name: string): AliasRow | undefined {
    if (!this.#declared.has(functionName)) return super.alias(functionName, name);
    return this.#declaredAliases(functionName).find((row) => row.name === name);
  }

  /** Throws ResourceNotFoundException also if an earlier transaction deletes the function. */
  requireIn(transaction: Transaction, name: string): void {
    if (this.#declared.has(name) || transaction.get(this.rows, name) !== undefined) return;
    throw functionNotFound(this.arn(name));
  }

  override isDeclared(name: string): boolean {
    return this.#declared.has(name);
  }

  /** Throws ResourceConflictException. */
  refuseExisting(name: string): void {
    if (this.get(name) !== undefined) throw functionExists(name);
    if (this.#live.count >= lambdaLimits.functionsMax) throw tooManyFunctions(lambdaLimits.functionsMax);
  }

  override aliasesOf(functionName: string): Iterable<AliasRow> {
    return this.#declared.has(functionName)
      ? this.#declaredAliases(functionName)
      : super.aliasesOf(functionName);
  }

  /** Throws ResourceConflictException: what `nagare.yaml` declares is changed there. */
  refuseDeclared(name: string): void {
    if (this.#declared.has(name)) throw functionDeclared(name);
  }

  /** Adds or changes a declared function; an unchanged definition has no effect. */
  declare(definition: FunctionDefinition): void {
    const { name, source, revisionId } = definition;
    const before = this.get(name);
    if (this.#declared.has(name) && before?.definition.revisionId === revisionId) return;
    const { log } = this.#dependencies;
    if (before !== undefined && !this.#declared.has(name)) {
      log.warn({ function: name }, 'a declared function hides a created function of the same name');
    }
    if (source.kind === 'file' && !existsSync(source.path)) {
      // Not an error: a build may be about to write the file.
      log.warn(
        { function: name, path: source.path },
        'the file of a declared function does not exist; the function fails until the file exists',
      );
    }
    this.#declared.add(name);
    this.#live.put(definition);
  }

  /** Removes a declared function with its policy; a created function of the same name becomes visible again. */
  async undeclare(name: string): Promise<void> {
    if (!this.#declared.delete(name)) return;
    const row = this.rows.get(name);
    if (row !== undefined) {
      this.install(row);
      return;
    }
    this.#live.drop(name, LATEST);
    const { catalog, policies } = this.#dependencies;
    await catalog.commit((transaction) => policies.deleteOf(transaction, name));
  }

  /** Waits for removals of code that are in progress. The pool must have been closed. */
  async close(): Promise<void> {
    await this.#live.close();
  }

  /** Puts the row of a function, or of a version, in use. */
  install(row: FunctionRow, version = LATEST): FunctionDefinition {
    const definition = this.definitionOf(row, version);
    this.#live.put(definition);
    return definition;
  }

  /** Shows a change that does not concern the function's processes, which stay. */
  describeAs(row: FunctionRow): void {
    this.get(row.name)?.describeAs(this.definitionOf(row, LATEST));
    this.#dependencies.pool.serveWaiting();
  }

  /** Ends a version: its processes finish their invocations, then its code is removed. */
  drop(name: string, version: string): void {
    this.#live.drop(name, version);
  }

  /** In the order of their names, as those of created functions. */
  #declaredAliases(functionName: string): AliasRow[] {
    const { aliases = {}, revisionId = '' } = this.get(functionName)?.definition ?? {};
    return Object.entries(aliases)
      .map(([name, description]) => ({ functionName, name, version: LATEST, description, revisionId }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }
}
