import type { RegionAndAccount } from '../../aws/arn.ts';
import type { Catalog, Table } from '../../engine/catalog.ts';
import { functionNotFound } from './errors.ts';
import type { FunctionDefinition, FunctionRow } from './function-definition.ts';
import { functionArn, parseFunctionName, type FunctionReference } from './names.ts';
import type { FunctionPolicies } from './policies/function-policies.ts';
import { familyOf } from './runtime/families/index.ts';
import { Aliases, type AliasRow } from './versions/aliases.ts';
import { isVersionNumber, LATEST, versionPrefix, type VersionRow } from './versions/version-row.ts';

export interface FunctionDirectoryOptions {
  readonly catalog: Catalog;
  readonly policies: FunctionPolicies;
  readonly place: RegionAndAccount;
}

/** One version of a function. */
export interface DescribedFunction {
  readonly definition: FunctionDefinition;
}

/** A function as a caller named it. */
export interface Resolved<Found> {
  readonly reference: FunctionReference;
  /** The version: of an alias with weights, the first one. */
  readonly found: Found;
  readonly alias?: AliasRow;
}

/** All functions by name, with their versions and aliases. */
export abstract class FunctionDirectory<Found extends DescribedFunction = DescribedFunction> {
  readonly place: RegionAndAccount;
  /** The aliases of created functions. */
  readonly aliases: Aliases;
  protected readonly rows: Table<FunctionRow>;
  protected readonly versionRows: Table<VersionRow>;

  constructor({ catalog, policies, place }: FunctionDirectoryOptions) {
    this.place = place;
    this.rows = catalog.table('lambda.functions');
    this.versionRows = catalog.table('lambda.versions');
    this.aliases = new Aliases({
      catalog,
      functions: this.rows,
      versions: this.versionRows,
      policies,
      arn: (name) => this.arn(name),
    });
  }

  /** Looks up a plain name and $LATEST or a number. */
  abstract find(name: string, version: string): Found | undefined;

  abstract isDeclared(name: string): boolean;

  abstract get count(): number;

  /** Sorted. */
  protected abstract names(): Iterable<string>;

  /** Looks up a plain name. */
  get(name: string): Found | undefined {
    return this.find(name, LATEST);
  }

  arn(name: string): string {
    return functionArn(name, this.place);
  }

  /** Looks up any form of FunctionName. Throws ResourceNotFoundException and the errors of `parseFunctionName`. */
  resolve(text: string, qualifier?: string): Resolved<Found> {
    const reference = parseFunctionName(text, this.place, qualifier);
    const { name, qualifier: wanted = LATEST } = reference;
    if (wanted === LATEST || isVersionNumber(wanted)) {
      return { reference, found: this.version(name, wanted, reference) };
    }
    const alias = this.get(name) !== undefined ? this.alias(name, wanted) : undefined;
    if (alias === undefined) throw functionNotFound(reference.arn);
    return { reference, found: this.version(name, alias.version, reference), alias };
  }

  /** Looks up a function without a qualifier, as operations need that concern all versions. Throws as `resolve`. */
  resolveName(text: string): Found {
    const { name, arn } = parseFunctionName(text, this.place);
    return this.version(name, LATEST, { arn });
  }

  /** $LATEST of all functions, in the order of their names. */
  *latest(): Generator<FunctionDefinition> {
    for (const name of this.names()) {
      const found = this.get(name);
      if (found !== undefined) yield found.definition;
    }
  }

  /** $LATEST, and the published versions in the order of their numbers. */
  *versionsOf(name: string): Generator<FunctionDefinition> {
    const latest = this.get(name);
    if (latest === undefined) return;
    yield latest.definition;
    for (const [, { version }] of this.versionRows.entries(versionPrefix(name))) {
      const found = this.find(name, version);
      if (found !== undefined) yield found.definition;
    }
  }

  alias(functionName: string, name: string): AliasRow | undefined {
    return this.aliases.find(functionName, name);
  }

  aliasesOf(functionName: string): Iterable<AliasRow> {
    return this.aliases.of(functionName);
  }

  /** The size of all zips together; versions that share one count it each, as on AWS. */
  codeBytes(): number {
    let bytes = 0;
    for (const table of [this.rows, this.versionRows]) {
      for (const [, { code }] of table.entries()) bytes += code.sizeBytes;
    }
    return bytes;
  }

  /** What is needed to run a row of a function, or of a version. */
  definitionOf(row: FunctionRow, version: string): FunctionDefinition {
    const family = familyOf(row.runtime);
    // CreateFunction accepts no other runtimes.
    if (family === undefined) throw new Error(`the catalog has a function with the runtime ${row.runtime}`);
    const { code, lastVersion: _, publishedContent: __, ...rest } = row;
    return { ...rest, version, family, source: { kind: 'zip', ...code } };
  }

  /** Throws ResourceNotFoundException. */
  protected version(name: string, version: string, { arn }: Pick<FunctionReference, 'arn'>): Found {
    const found = this.find(name, version);
    if (found === undefined) throw functionNotFound(arn);
    return found;
  }
}
