import { randomUUID } from 'node:crypto';
import type { Tags } from '../../aws/tags.ts';
import type { Catalog, Table, Transaction } from '../../engine/catalog.ts';
import type { KeyedLock } from '../../support/keyed-lock.ts';
import type { StoredCode } from './code/code-store.ts';
import { codeStorageExceeded, functionNotFound, revisionDiffers, unreservedTooLow } from './errors.ts';
import { eventInvokeTable, forgetEventInvokeConfigs, keyOf } from './events/event-invoke-settings.ts';
import type { FunctionDefinition, FunctionRow } from './function-definition.ts';
import type { FunctionRegistry } from './function-registry.ts';
import { layersTooLarge } from './layers/errors.ts';
import type { FunctionLayer } from './layers/layer-row.ts';
import type { Layers } from './layers/layers.ts';
import { lambdaLimits } from './limits.ts';
import type { FunctionPolicies } from './policies/function-policies.ts';
import { codeDiffers, latestCannotBeDeleted, tooManyVersions, versionInUse } from './versions/errors.ts';
import { isPublished, publishedFrom, type PublishOptions } from './versions/publish.ts';
import { LATEST, versionKey, versionPrefix, type VersionRow } from './versions/version-row.ts';

export interface FunctionChangesDependencies {
  readonly catalog: Catalog;
  readonly functions: FunctionRegistry;
  readonly policies: FunctionPolicies;
  readonly layers: Layers;
  /** The registry's: one change of a function at a time. */
  readonly locks: KeyedLock;
}

interface StoreOptions {
  readonly publish?: PublishOptions | undefined;
  /** Layers that must exist when the row is stored. */
  readonly newLayers?: readonly FunctionLayer[] | undefined;
  /** What else is stored in the same commit. */
  readonly also?: (transaction: Transaction) => void;
}

interface CodeOptions {
  readonly revisionId?: string | undefined;
  readonly publish?: PublishOptions | undefined;
  /** Only checks the zip: the definition that is returned is not stored. */
  readonly dryRun?: boolean;
}

/** Creates, changes and deletes functions that the API creates, with their versions. */
export class FunctionChanges {
  readonly #catalog: Catalog;
  readonly #functions: FunctionRegistry;
  readonly #policies: FunctionPolicies;
  readonly #layers: Layers;
  readonly #locks: KeyedLock;
  readonly #rows: Table<FunctionRow>;
  readonly #versionRows: Table<VersionRow>;

  constructor({ catalog, functions, policies, layers, locks }: FunctionChangesDependencies) {
    this.#catalog = catalog;
    this.#functions = functions;
    this.#policies = policies;
    this.#layers = layers;
    this.#locks = locks;
    this.#rows = catalog.table('lambda.functions');
    this.#versionRows = catalog.table('lambda.versions');
  }

  /**
   * Stores a new function with its code, and a version with `publish`; returns the version then. Throws
   * ResourceConflictException, InvalidZipError, CodeTooLargeError.
   */
  async create(
    name: string,
    zip: Uint8Array,
    rowOf: (code: StoredCode) => FunctionRow,
    publish?: PublishOptions,
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, async () => {
      this.#functions.refuseExisting(name);
      this.refuseExcess(zip);
      const row = rowOf(await this.#functions.code.put(name, zip));
      return await this.#store(row, {
        publish,
        newLayers: row.layers ?? [],
        // A declared function of this name may have left some.
        also: (transaction) => this.#policies.deleteOf(transaction, name),
      });
    });
  }

  /** Like `update`, with new code. Also throws InvalidZipError and CodeTooLargeError. */
  async updateCode(
    name: string,
    zip: Uint8Array,
    change: (row: Readonly<FunctionRow>, code: StoredCode) => FunctionRow,
    { revisionId, publish, dryRun = false }: CodeOptions,
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, async () => {
      const row = this.#present(name, revisionId);
      this.refuseExcess(zip);
      if (dryRun) {
        const code = await this.#functions.code.examine(zip);
        return this.#functions.definitionOf({ ...change(row, code), revisionId: row.revisionId }, LATEST);
      }
      const code = await this.#functions.code.put(name, zip);
      return await this.#store(change(row, code), { publish });
    });
  }

  /**
   * Changes a function; invocations in progress finish in the old version. Throws ResourceNotFoundException;
   * ResourceConflictException for declared functions; PreconditionFailedException when `revisionId` is given and is not
   * the current one. `newLayers` must still exist.
   */
  async update(
    name: string,
    revisionId: string | undefined,
    change: (row: Readonly<FunctionRow>) => FunctionRow,
    newLayers?: readonly FunctionLayer[],
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, async () =>
      this.#store(change(this.#present(name, revisionId)), { newLayers }),
    );
  }

  /**
   * Publishes a version of what the function is now; returns the last version when nothing has changed since. Throws as
   * `update`, InvalidParameterValueException when the code is not `codeSha256`, CodeStorageExceededException.
   */
  async publish(
    name: string,
    { revisionId, codeSha256, ...options }: PublishOptions & { revisionId?: string; codeSha256?: string },
  ): Promise<FunctionDefinition> {
    return await this.#locks.exclusive(name, async () => {
      const row = this.#present(name, revisionId);
      const { sha256 } = row.code;
      if (codeSha256 !== undefined && codeSha256 !== sha256) throw codeDiffers(codeSha256, sha256);
      const { definition, latest } = await this.#publish(row, options);
      // The processes of $LATEST stay: neither code nor configuration has changed.
      this.#functions.describeAs(latest);
      return definition;
    });
  }

  /** Changes the tags; the function's processes stay. Throws as `update`, and what `change` throws. */
  async tag(name: string, change: (present: Tags) => Tags): Promise<void> {
    await this.#redescribe(name, (row) => ({ ...row, tags: change(row.tags), revisionId: randomUUID() }));
  }

  /** Sets or removes the reserved concurrency. Throws as `update`, InvalidParameterValueException. */
  async reserve(name: string, executions: number | undefined): Promise<void> {
    await this.#redescribe(name, (before, transaction) => {
      const { reservedConcurrency: _, ...row } = before;
      if (executions === undefined) return row;
      let reserved = executions;
      for (const [other, { reservedConcurrency = 0 }] of transaction.entries(this.#rows)) {
        if (other !== name) reserved += reservedConcurrency;
      }
      const least = lambdaLimits.unreservedConcurrencyMin;
      if (lambdaLimits.accountConcurrency - reserved < least) throw unreservedTooLow(least);
      return { ...row, reservedConcurrency: executions };
    });
  }

  /** Deletes all versions and aliases. Throws ResourceNotFoundException; ResourceConflictException if declared. */
  async delete(name: string): Promise<void> {
    await this.#locks.exclusive(name, async () => {
      this.#present(name, undefined);
      const versions = await this.#catalog.commit((transaction) => {
        transaction.delete(this.#rows, name);
        this.#policies.deleteOf(transaction, name);
        forgetEventInvokeConfigs(this.#catalog, transaction, name);
        this.#functions.aliases.deleteAll(transaction, name);
        const rows = [...transaction.entries(this.#versionRows, versionPrefix(name))];
        for (const [key] of rows) transaction.delete(this.#versionRows, key);
        return rows.map(([, { version }]) => version);
      });
      for (const version of [...versions, LATEST]) this.#functions.drop(name, version);
    });
  }

  /** Succeeds when there is no such version, as on AWS. Throws as `delete`, and ResourceConflictException. */
  async deleteVersion(name: string, version: string): Promise<void> {
    if (version === LATEST) throw latestCannotBeDeleted();
    const key = versionKey(name, version);
    await this.#locks.exclusive(name, async () => {
      this.#present(name, undefined);
      await this.#catalog.commit((transaction) => {
        const aliases = this.#functions.aliases.referencing(transaction, name, version);
        if (aliases.length > 0) throw versionInUse(aliases);
        if (transaction.get(this.#versionRows, key) !== undefined) transaction.delete(this.#versionRows, key);
        this.#policies.deleteQualified(transaction, name, version);
        transaction.delete(eventInvokeTable(this.#catalog), keyOf(name, version));
      });
      this.#functions.drop(name, version);
    });
  }

  /** Stores a change that does not concern the function's processes. */
  async #redescribe(
    name: string,
    change: (row: Readonly<FunctionRow>, transaction: Transaction) => FunctionRow,
  ): Promise<void> {
    await this.#locks.exclusive(name, async () => {
      const before = this.#present(name, undefined);
      const after = await this.#catalog.commit((transaction) => {
        const row = change(before, transaction);
        transaction.put(this.#rows, name, row);
        return row;
      });
      this.#functions.describeAs(after);
    });
  }

  /** Throws InvalidParameterValueException when code and layers are together larger than a function may be. */
  async #refuseLargeLayers({ name, code, layers = [] }: FunctionRow): Promise<void> {
    if (layers.length === 0) return;
    const own = await this.#functions.code.unzippedBytes(name, code.sha256);
    const bytes = own + (await this.#layers.unzippedBytes(layers));
    const most = lambdaLimits.codeUnzippedBytesMax;
    if (bytes > most) throw layersTooLarge(bytes, most);
  }

  /** Throws CodeStorageExceededException when there is no room for another zip. */
  refuseExcess(zip: Uint8Array): void {
    const stored = this.#functions.codeBytes() + this.#layers.codeBytes();
    if (stored + zip.byteLength > lambdaLimits.codeStorageBytesMax) throw codeStorageExceeded();
  }

  /** The row of a created function. Callers hold the function's lock, so it cannot change before they write it. */
  #present(name: string, revisionId: string | undefined): Readonly<FunctionRow> {
    this.#functions.refuseDeclared(name);
    const row = this.#rows.get(name);
    if (row === undefined) throw functionNotFound(this.#functions.arn(name));
    const current = this.#policies.revisionOf({ definition: row });
    if (revisionId !== undefined && revisionId !== current) throw revisionDiffers();
    return row;
  }

  /** Stores a new or changed row and puts it in use; with `publish` also as a version, which it returns. */
  async #store(
    row: FunctionRow,
    { publish, newLayers = [], also }: StoreOptions,
  ): Promise<FunctionDefinition> {
    await this.#refuseLargeLayers(row);
    const inCommit = (transaction: Transaction): void => {
      this.#layers.requireIn(transaction, newLayers);
      also?.(transaction);
    };
    if (publish !== undefined) {
      const { definition, latest } = await this.#publish(row, publish, inCommit);
      this.#functions.install(latest);
      return definition;
    }
    await this.#catalog.commit((transaction) => {
      inCommit(transaction);
      transaction.put(this.#rows, row.name, row);
    });
    return this.#functions.install(row);
  }

  /** Stores the row, and a version of it unless the last version is the same. */
  async #publish(
    row: FunctionRow,
    options: PublishOptions,
    also?: StoreOptions['also'],
  ): Promise<{ readonly definition: FunctionDefinition; readonly latest: FunctionRow }> {
    const last = this.#functions.find(row.name, String(row.lastVersion ?? 0));
    if (last !== undefined && isPublished(row)) {
      await this.#catalog.commit((transaction) => {
        also?.(transaction);
        transaction.put(this.#rows, row.name, row);
      });
      return { definition: last.definition, latest: row };
    }
    const { latest, version } = publishedFrom(row, options);
    await this.#catalog.commit((transaction) => {
      if (this.#versionRows.size >= lambdaLimits.versionsMax) throw tooManyVersions(lambdaLimits.versionsMax);
      also?.(transaction);
      transaction.put(this.#rows, row.name, latest);
      transaction.put(this.#versionRows, versionKey(row.name, version.version), version);
    });
    return { definition: this.#functions.install(version, version.version), latest };
  }
}
