import { existsSync } from 'node:fs';
import type { RegionAndAccount } from '../../aws/arn.ts';
import type { Catalog, Table } from '../../engine/catalog.ts';
import { lambdaLimits } from './limits.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import type { Log } from '../../support/log.ts';
import type { CodeStore, StoredCode } from './code/code-store.ts';
import {
  functionDeclared,
  functionExists,
  functionNotFound,
  revisionDiffers,
  tooManyFunctions,
} from './errors.ts';
import type { FunctionDefinition, FunctionRow } from './function-definition.ts';
import { functionArn, parseFunctionName, type FunctionReference } from './names.ts';
import { RunningFunction, type RunningFunctionDependencies } from './running-function.ts';
import { familyOf } from './runtime/families/index.ts';
import type { ProcessPool } from './runtime/process-pool.ts';

export interface FunctionRegistryDependencies {
  readonly catalog: Catalog;
  readonly code: CodeStore;
  readonly pool: ProcessPool;
  readonly running: RunningFunctionDependencies;
  readonly place: RegionAndAccount;
  readonly log: Log;
  readonly concurrencyMax: number;
}

/** All functions by name: those created by the API (rows of the catalog) and declared ones, which take precedence. */
export class FunctionRegistry {
  readonly #dependencies: FunctionRegistryDependencies;
  readonly #rows: Table<FunctionRow>;
  readonly #functions = new Map<string, RunningFunction>();
  readonly #declared = new Set<string>();
  /** The current versions, and old ones that still run. */
  readonly #alive = new Set<RunningFunction>();
  /** Serializes the changes of each function: code must not be removed or replaced while it is being put in use. */
  readonly #locks = new KeyedLock();
  /** Removals of old code that wait for its last process. */
  readonly #removals = new Set<Promise<void>>();

  private constructor(dependencies: FunctionRegistryDependencies) {
    this.#dependencies = dependencies;
    this.#rows = dependencies.catalog.table('lambda.functions');
  }

  /** Loads the functions of earlier runs, and removes leftover code of deleted ones. */
  static async open(dependencies: FunctionRegistryDependencies): Promise<FunctionRegistry> {
    const registry = new FunctionRegistry(dependencies);
    const wanted = new Map<string, string>();
    for (const [name, row] of registry.#rows.entries()) {
      registry.#install(row);
      wanted.set(name, row.code.sha256);
    }
    await dependencies.code.removeAllBut(wanted);
    return registry;
  }

  get place(): RegionAndAccount {
    return this.#dependencies.place;
  }

  get code(): CodeStore {
    return this.#dependencies.code;
  }

  arn(name: string): string {
    return functionArn(name, this.#dependencies.place);
  }

  /** Looks up a plain name. */
  get(name: string): RunningFunction | undefined {
    return this.#functions.get(name);
  }

  /** Looks up any form of FunctionName. Throws ResourceNotFoundException and the errors of `parseFunctionName`. */
  resolve(text: string, qualifier?: string): { found: RunningFunction; reference: FunctionReference } {
    const reference = parseFunctionName(text, this.#dependencies.place, qualifier);
    const found = this.#functions.get(reference.name);
    const known = reference.qualifier === undefined || reference.qualifier === '$LATEST';
    if (found === undefined || !known) throw functionNotFound(reference.arn);
    return { found, reference };
  }

  /** Functions in name order, starting after `marker`. */
  list(marker: string, itemsMax: number): { functions: FunctionDefinition[]; more: boolean } {
    const names = [...this.#functions.keys()].filter((name) => name > marker).sort();
    const functions = names.slice(0, itemsMax).flatMap((name) => this.#functions.get(name)?.definition ?? []);
    return { functions, more: names.length > itemsMax };
  }

  isDeclared(name: string): boolean {
    return this.#declared.has(name);
  }

  /** Throws ResourceConflictException. */
  refuseExisting(name: string): void {
    if (this.#functions.has(name)) throw functionExists(name);
    if (this.#functions.size >= lambdaLimits.functionsMax) throw tooManyFunctions(lambdaLimits.functionsMax);
  }

  /** Stores a new function with its code. Throws ResourceConflictException, InvalidZipError, CodeTooLargeError. */
  async create(
    name: string,
    zip: Uint8Array,
    rowOf: (code: StoredCode) => FunctionRow,
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, async () => {
      this.refuseExisting(name);
      const code = await this.#dependencies.code.put(name, zip);
      const row = rowOf(code);
      await this.#dependencies.catalog.commit((transaction) => transaction.put(this.#rows, name, row));
      return this.#install(row);
    });
  }

  /** Like `update`, with new code. Also throws InvalidZipError and CodeTooLargeError. */
  async updateCode(
    name: string,
    zip: Uint8Array,
    revisionId: string | undefined,
    change: (row: Readonly<FunctionRow>, code: StoredCode) => FunctionRow,
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, async () => {
      this.#present(name, revisionId);
      const code = await this.#dependencies.code.put(name, zip);
      return await this.#change(name, revisionId, (row) => change(row, code));
    });
  }

  /**
   * Changes a function; invocations in progress finish in the old version. Throws ResourceNotFoundException;
   * ResourceConflictException for declared functions; PreconditionFailedException when `revisionId` is given and is not
   * the current one.
   */
  async update(
    name: string,
    revisionId: string | undefined,
    change: (row: Readonly<FunctionRow>) => FunctionRow,
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, () => this.#change(name, revisionId, change));
  }

  /** Throws ResourceNotFoundException; ResourceConflictException for declared functions. */
  async delete(name: string): Promise<void> {
    await this.#locks.exclusive(name, async () => {
      this.#present(name, undefined);
      await this.#dependencies.catalog.commit((transaction) => transaction.delete(this.#rows, name));
      const running = this.#functions.get(name);
      this.#functions.delete(name);
      if (running !== undefined) this.#retire(running);
    });
  }

  /** Adds or changes a declared function; an unchanged definition has no effect. */
  declare(definition: FunctionDefinition): void {
    const { name, source, revisionId } = definition;
    const before = this.#functions.get(name);
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
    this.#replace(definition);
  }

  /** Removes a declared function; a created function of the same name becomes visible again. */
  undeclare(name: string): void {
    if (!this.#declared.delete(name)) return;
    const row = this.#rows.get(name);
    if (row !== undefined) {
      this.#install(row);
      return;
    }
    const running = this.#functions.get(name);
    this.#functions.delete(name);
    if (running !== undefined) this.#retire(running);
  }

  /** Waits for removals of code that are in progress. The pool must have been closed. */
  async close(): Promise<void> {
    await Promise.all(this.#removals);
  }

  /** The row of a created function. Callers hold the function's lock, so it cannot change before they write it. */
  #present(name: string, revisionId: string | undefined): Readonly<FunctionRow> {
    if (this.#declared.has(name)) throw functionDeclared(name);
    const row = this.#rows.get(name);
    if (row === undefined) throw functionNotFound(this.arn(name));
    if (revisionId !== undefined && revisionId !== row.revisionId) throw revisionDiffers();
    return row;
  }

  async #change(
    name: string,
    revisionId: string | undefined,
    change: (row: Readonly<FunctionRow>) => FunctionRow,
  ): Promise<FunctionDefinition> {
    const row = change(this.#present(name, revisionId));
    await this.#dependencies.catalog.commit((transaction) => transaction.put(this.#rows, name, row));
    return this.#install(row);
  }

  #install(row: FunctionRow): FunctionDefinition {
    const { concurrencyMax } = this.#dependencies;
    const family = familyOf(row.runtime);
    // CreateFunction accepts no other runtimes.
    if (family === undefined) throw new Error(`the catalog has a function with the runtime ${row.runtime}`);
    const { code, ...rest } = row;
    const definition: FunctionDefinition = {
      ...rest,
      family,
      concurrencyMax,
      source: { kind: 'zip', ...code },
    };
    this.#replace(definition);
    return definition;
  }

  #replace(definition: FunctionDefinition): void {
    const before = this.#functions.get(definition.name);
    const running = new RunningFunction(definition, this.#dependencies.running);
    this.#functions.set(definition.name, running);
    this.#alive.add(running);
    if (before !== undefined) this.#retire(before);
  }

  /**
   * After a version's last process has ended, ends its key, and removes its code unless another live version has the
   * same.
   */
  #retire(old: RunningFunction): void {
    const removal = this.#dependencies.pool
      .retire(old)
      .then(() => this.#locks.exclusive(old.name, () => this.#bury(old)))
      .catch((error: unknown) => {
        this.#dependencies.log.warn(
          { err: error, function: old.name },
          'could not remove the old code of a function',
        );
      })
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async #bury(old: RunningFunction): Promise<void> {
    this.#alive.delete(old);
    old.close();
    const code = old.sha256;
    if (code === undefined) return;
    const shared = [...this.#alive].some((other) => other.name === old.name && other.sha256 === code);
    if (!shared) await this.#dependencies.code.remove(old.name, code);
  }
}
