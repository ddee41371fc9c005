import { randomUUID } from 'node:crypto';
import type { AliasConfiguration } from '@aws-sdk/client-lambda';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import { lambdaLimits } from '../limits.ts';
import { eventInvokeTable, keyOf } from '../events/event-invoke-settings.ts';
import { functionNotFound, revisionDiffers } from '../errors.ts';
import {
  aliasExists,
  aliasNotFound,
  latestHasOneVersion,
  tooManyAliases,
  tooManyWeights,
  versionTwice,
} from './errors.ts';
import type { FunctionRow } from '../function-definition.ts';
import type { FunctionPolicies } from '../policies/function-policies.ts';
import { aliasOwner } from '../policies/policy-owner.ts';
import { LATEST, versionKey, versionPrefix, type VersionRow } from './version-row.ts';

/** A row of the table `lambda.aliases`; the key is `<function>:<alias>`. */
export interface AliasRow {
  readonly functionName: string;
  readonly name: string;
  /** The number of a version, or $LATEST. */
  readonly version: string;
  readonly description: string;
  /** A second version, and the part of the invocations that it gets: 0 to 1. */
  readonly second?: { readonly version: string; readonly weight: number };
  readonly revisionId: string;
}

/** What a caller wants an alias to be; absent members keep their value. */
export interface AliasInput {
  readonly FunctionVersion?: string;
  readonly Description?: string;
  readonly RoutingConfig?: { readonly AdditionalVersionWeights?: Readonly<Record<string, number>> };
}

export interface AliasesOptions {
  readonly catalog: Catalog;
  readonly functions: Table<FunctionRow>;
  readonly versions: Table<VersionRow>;
  readonly policies: FunctionPolicies;
  readonly arn: (name: string) => string;
}

/** The aliases of functions that were created by the API. */
export class Aliases {
  readonly #options: AliasesOptions;
  readonly #rows: Table<AliasRow>;

  constructor(options: AliasesOptions) {
    this.#options = options;
    this.#rows = options.catalog.table('lambda.aliases');
  }

  find(functionName: string, name: string): AliasRow | undefined {
    return this.#rows.get(versionPrefix(functionName) + name);
  }

  /** Throws ResourceNotFoundException. */
  get(functionName: string, name: string): AliasRow {
    const row = this.find(functionName, name);
    if (row === undefined) throw aliasNotFound(this.arn(functionName, name));
    return row;
  }

  /** In the order of their names. */
  *of(functionName: string): Generator<AliasRow> {
    for (const [, row] of this.#rows.entries(versionPrefix(functionName))) yield row;
  }

  arn(functionName: string, name: string): string {
    return `${this.#options.arn(functionName)}:${name}`;
  }

  /** Throws ResourceConflictException, ResourceNotFoundException, InvalidParameterValueException. */
  async create(functionName: string, name: string, input: AliasInput): Promise<AliasRow> {
    const key = versionPrefix(functionName) + name;
    return await this.#options.catalog.commit((transaction) => {
      this.#refuseUnknown(transaction, functionName, input.FunctionVersion ?? LATEST);
      if (transaction.get(this.#rows, key) !== undefined) throw aliasExists(this.arn(functionName, name));
      if (this.#rows.size >= lambdaLimits.aliasesMax) throw tooManyAliases(lambdaLimits.aliasesMax);
      const empty = { functionName, name, version: LATEST, description: '', revisionId: '' };
      return this.#put(transaction, key, empty, input);
    });
  }

  /** Throws ResourceNotFoundException, InvalidParameterValueException, PreconditionFailedException. */
  async update(
    functionName: string,
    name: string,
    input: AliasInput & { readonly RevisionId?: string },
  ): Promise<AliasRow> {
    const key = versionPrefix(functionName) + name;
    return await this.#options.catalog.commit((transaction) => {
      const before = transaction.get(this.#rows, key);
      if (before === undefined) throw aliasNotFound(this.arn(functionName, name));
      const current = this.#options.policies.revisionOf(aliasOwner(before));
      if (input.RevisionId !== undefined && input.RevisionId !== current) throw revisionDiffers();
      return this.#put(transaction, key, before, input);
    });
  }

  /** Deleting an alias that does not exist succeeds, as on AWS. */
  async delete(functionName: string, name: string): Promise<void> {
    const key = versionPrefix(functionName) + name;
    await this.#options.catalog.commit((transaction) => {
      if (transaction.get(this.#rows, key) === undefined) return;
      transaction.delete(this.#rows, key);
      this.#options.policies.deleteQualified(transaction, functionName, name);
      transaction.delete(eventInvokeTable(this.#options.catalog), keyOf(functionName, name));
    });
  }

  /** The names of the aliases that send invocations to that version. */
  referencing(transaction: Transaction, functionName: string, version: string): string[] {
    return [...transaction.entries(this.#rows, versionPrefix(functionName))]
      .filter(([, row]) => row.version === version || row.second?.version === version)
      .map(([, row]) => row.name);
  }

  /** Deletes all aliases of a function. */
  deleteAll(transaction: Transaction, functionName: string): void {
    const keys = [...transaction.entries(this.#rows, versionPrefix(functionName))].map(([key]) => key);
    for (const key of keys) transaction.delete(this.#rows, key);
  }

  /** The alias as Lambda describes it. */
  describe(row: AliasRow): AliasConfiguration {
    const { second } = row;
    return {
      AliasArn: this.arn(row.functionName, row.name),
      Name: row.name,
      FunctionVersion: row.version,
      Description: row.description,
      ...(second === undefined
        ? {}
        : { RoutingConfig: { AdditionalVersionWeights: { [second.version]: second.weight } } }),
      RevisionId: this.#options.policies.revisionOf(aliasOwner(row)),
    };
  }

  #put(transaction: Transaction, key: string, before: AliasRow, input: AliasInput): AliasRow {
    const { second: secondBefore, ...rest } = before;
    const version = input.FunctionVersion ?? before.version;
    const second = input.RoutingConfig === undefined ? secondBefore : secondVersion(input.RoutingConfig);
    for (const needed of [version, ...(second === undefined ? [] : [second.version])]) {
      this.#refuseUnknown(transaction, before.functionName, needed);
    }
    if (second !== undefined && version === LATEST) throw latestHasOneVersion();
    if (second?.version === version) throw versionTwice(version);
    const row: AliasRow = {
      ...rest,
      version,
      description: input.Description ?? before.description,
      revisionId: randomUUID(),
      ...(second === undefined ? {} : { second }),
    };
    transaction.put(this.#rows, key, row);
    return row;
  }

  #refuseUnknown(transaction: Transaction, functionName: string, version: string): void {
    const { functions, versions, arn } = this.#options;
    if (transaction.get(functions, functionName) === undefined) throw functionNotFound(arn(functionName));
    if (version === LATEST) return;
    if (transaction.get(versions, versionKey(functionName, version)) === undefined) {
      throw functionNotFound(`${arn(functionName)}:${version}`);
    }
  }
}

/** An empty map removes the second version. */
function secondVersion({
  AdditionalVersionWeights: weights = {},
}: NonNullable<AliasInput['RoutingConfig']>): AliasRow['second'] {
  const entries = Object.entries(weights);
  if (entries.length > 1) throw tooManyWeights();
  const [entry] = entries;
  if (entry === undefined) return undefined;
  const [version, weight] = entry;
  return { version, weight };
}

/** Chooses the version for one invocation; `random` is between 0 and 1. */
export function chosenVersion({ version, second }: AliasRow, random: () => number): string {
  return second !== undefined && random() < second.weight ? second.version : version;
}
