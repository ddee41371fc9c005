import { randomUUID } from 'node:crypto';
import { parseArn } from '../../../aws/arn.ts';
import type { PolicySource } from '../../../aws/resource-policies.ts';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import { MalformedPolicyError } from '../../../auth/policy/errors.ts';
import { parsePolicy } from '../../../auth/policy/parse-policy.ts';
import {
  invalidPolicy,
  noPolicy,
  policyTooLong,
  revisionDiffers,
  statementExists,
  statementNotFound,
} from '../errors.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { lambdaLimits } from '../limits.ts';
import type { PolicyStatement } from './statement.ts';

/** A row of `lambda.policies`; the key is a function's name, followed by `:` and the version or alias if it has one. */
interface PolicyRow {
  /** The document; undefined after its last statement was removed. */
  readonly policy?: string;
  /** The revision of the function since the last change of its policy, if it was of this revision before. */
  readonly revisionId: string;
  readonly ofRevision: string;
}

/** Whose policy: a function, or a version or an alias of it. */
export interface PolicyOwner {
  readonly definition: Pick<FunctionDefinition, 'name' | 'revisionId'>;
  /** Undefined for the function itself, and so for its version `$LATEST`. */
  readonly qualifier?: string | undefined;
}

/**
 * The policies of functions, of created and declared ones. They are rows of their own: changing one does not restart the
 * function's processes.
 */
export class FunctionPolicies implements PolicySource {
  readonly #catalog: Catalog;
  readonly #rows: Table<PolicyRow>;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    this.#rows = catalog.table('lambda.policies');
  }

  /** The document; undefined if there is none. */
  get(owner: PolicyOwner): string | undefined {
    return this.#rows.get(keyOf(owner))?.policy;
  }

  policyOf(arn: string): string | undefined {
    const [kind, name, qualifier] = parseArn(arn)?.resource.split(':') ?? [];
    if (kind !== 'function' || name === undefined) return undefined;
    return this.#rows.get(key(name, qualifier === '$LATEST' ? undefined : qualifier))?.policy;
  }

  /** The revision that clients see: a change of the policy is one of the function, too. */
  revisionOf(owner: PolicyOwner): string {
    return revisionIn(this.#rows.get(keyOf(owner)), owner);
  }

  statements(owner: PolicyOwner): readonly PolicyStatement[] {
    return statementsIn(this.#rows.get(keyOf(owner)));
  }

  statement(owner: PolicyOwner, sid: string): PolicyStatement | undefined {
    return this.statements(owner).find(({ Sid }) => Sid === sid);
  }

  /**
   * Adds a statement. Throws ResourceConflictException if there is one of that ID, PreconditionFailedException,
   * PolicyLengthExceededException.
   */
  async add(
    owner: PolicyOwner,
    statement: PolicyStatement,
    { revisionId, check }: ChangeOptions,
  ): Promise<void> {
    await this.#change(owner, check, (row) => {
      requireRevision(row, owner, revisionId);
      const statements = statementsIn(row);
      if (statements.some(({ Sid }) => Sid === statement.Sid)) throw statementExists(statement.Sid);
      return [...statements, statement];
    });
  }

  /** Adds a statement, or replaces the one of that ID. Throws PolicyLengthExceededException. */
  async put(owner: PolicyOwner, statement: PolicyStatement, check: ChangeOptions['check']): Promise<void> {
    await this.#change(owner, check, (row) => [
      ...statementsIn(row).filter(({ Sid }) => Sid !== statement.Sid),
      statement,
    ]);
  }

  /** Throws ResourceNotFoundException, PreconditionFailedException. */
  async remove(owner: PolicyOwner, sid: string, { revisionId, check }: ChangeOptions): Promise<void> {
    await this.#change(owner, check, (row) => {
      if (row?.policy === undefined) throw noPolicy();
      const statements = statementsIn(row);
      const left = statements.filter(({ Sid }) => Sid !== sid);
      if (left.length === statements.length) throw statementNotFound(sid);
      requireRevision(row, owner, revisionId);
      return left;
    });
  }

  /** Deletes the policies of a function, its versions and aliases. */
  deleteOf(transaction: Transaction, name: string): void {
    transaction.delete(this.#rows, key(name, undefined));
    for (const [each] of transaction.entries(this.#rows, key(name, ''))) transaction.delete(this.#rows, each);
  }

  /** Deletes the policy of a version or an alias. */
  deleteQualified(transaction: Transaction, name: string, qualifier: string): void {
    transaction.delete(this.#rows, key(name, qualifier));
  }

  async #change(
    owner: PolicyOwner,
    check: ChangeOptions['check'],
    change: (row: Readonly<PolicyRow> | undefined) => readonly PolicyStatement[],
  ): Promise<void> {
    const revisionId = randomUUID();
    await this.#catalog.commit((transaction) => {
      check?.(transaction);
      const statements = change(transaction.get(this.#rows, keyOf(owner)));
      const policy = statements.length === 0 ? undefined : documentOf(statements);
      transaction.put(this.#rows, keyOf(owner), {
        ...(policy !== undefined && { policy }),
        revisionId,
        ofRevision: owner.definition.revisionId,
      });
    });
  }
}

export interface ChangeOptions {
  /** The revision that the caller has seen. */
  readonly revisionId?: string | undefined;
  /** Called in the transaction; throws when the owner is being deleted. */
  readonly check?: ((transaction: Transaction) => void) | undefined;
}

function keyOf({ definition, qualifier }: PolicyOwner): string {
  return key(definition.name, qualifier);
}

function key(name: string, qualifier: string | undefined): string {
  return qualifier === undefined ? name : `${name}:${qualifier}`;
}

function revisionIn(row: Readonly<PolicyRow> | undefined, { definition }: PolicyOwner): string {
  return row?.ofRevision === definition.revisionId ? row.revisionId : definition.revisionId;
}

function requireRevision(
  row: Readonly<PolicyRow> | undefined,
  owner: PolicyOwner,
  wanted: string | undefined,
): void {
  if (wanted !== undefined && wanted !== revisionIn(row, owner)) throw revisionDiffers();
}

function statementsIn(row: Readonly<PolicyRow> | undefined): readonly PolicyStatement[] {
  if (row?.policy === undefined) return [];
  // `documentOf` wrote it.
  return (JSON.parse(row.policy) as { readonly Statement: readonly PolicyStatement[] }).Statement;
}

function documentOf(statements: readonly PolicyStatement[]): string {
  const policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
  const most = lambdaLimits.functionPolicyBytesMax;
  const bytes = Buffer.byteLength(policy);
  if (bytes > most) throw policyTooLong(bytes, most);
  try {
    parsePolicy(policy, 'resource');
  } catch (error) {
    throw error instanceof MalformedPolicyError ? invalidPolicy(error.message) : error;
  }
  return policy;
}
