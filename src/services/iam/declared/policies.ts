import type { Declarations } from '../../../config/declarations.ts';
import type { PlanStep, Removable } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import type { IamContext } from '../context.ts';
import { checkManagedPolicy } from '../documents.ts';
import { findPolicy, versionOf } from '../managed-policies.ts';
import { createPolicyVersion } from '../operations/create-policy-version.ts';
import { createPolicy } from '../operations/create-policy.ts';
import { deletePolicyVersion } from '../operations/delete-policy-version.ts';
import { deletePolicy } from '../operations/delete-policy.ts';
import { arnOf } from '../outputs.ts';
import { iamLimits } from '../limits.ts';
import { keyOf, type PolicyRow } from '../rows.ts';
import { isSameDocument, stepOf, type Change } from './changes.ts';
import { type DeclaredPolicy, policiesSection } from './section.ts';
import { tagChanges } from './tags.ts';

export async function planPolicy(
  context: IamContext,
  name: string,
  declared: DeclaredPolicy,
): Promise<PlanStep> {
  const { input, own } = declared;
  checkManagedPolicy(own.document);
  const row = await context.store.policies.find(name);
  if (row !== undefined) requireUnchanged(row, declared);
  return await stepOf(
    row !== undefined,
    () => createPolicy(context, { ...input, PolicyName: name, PolicyDocument: own.document }),
    async () => changesOf(context, await context.store.policies.get(name), declared),
  );
}

function requireUnchanged(row: PolicyRow, { input: { Path, Description } }: DeclaredPolicy): void {
  const [member, before] =
    Path !== undefined && Path !== row.path
      ? ['path', row.path]
      : Description !== undefined && Description !== row.description
        ? ['description', row.description ?? 'none']
        : [];
  if (member === undefined) return;
  throw new DeclarationError(`its ${member} is ${before}; that of a policy cannot be changed`);
}

function changesOf(context: IamContext, row: PolicyRow, { input, own }: DeclaredPolicy): Change[] {
  const arn = arnOf(context, 'policy', row);
  const present = versionOf({ ...row, arn }, `v${row.defaultVersion}`);
  const changes = tagChanges(context.store, context.store.policies, row, input.Tags);
  if (isSameDocument(present.document, own.document)) return changes;
  const next = `v${row.lastVersion + 1}`;
  const apply = () => replaceDocument(context, row, own.document);
  return [...changes, { name: 'version', before: `v${row.defaultVersion}`, after: next, apply }];
}

/** The oldest version makes room, as tools do that keep policies. */
async function replaceDocument(context: IamContext, row: PolicyRow, document: string): Promise<void> {
  const PolicyArn = arnOf(context, 'policy', row);
  const oldest = row.versions.find(({ number }) => number !== row.defaultVersion);
  if (row.versions.length >= iamLimits.policyVersionsMax && oldest !== undefined) {
    await deletePolicyVersion(context, { PolicyArn, VersionId: `v${oldest.number}` });
  }
  await createPolicyVersion(context, { PolicyArn, PolicyDocument: document, SetAsDefault: true });
}

export function removablePolicy(context: IamContext, row: PolicyRow): Removable {
  return {
    async remove() {
      const PolicyArn = arnOf(context, 'policy', row);
      for (const { number } of row.versions) {
        if (number === row.defaultVersion) continue;
        await deletePolicyVersion(context, { PolicyArn, VersionId: `v${number}` });
      }
      await deletePolicy(context, { PolicyArn });
    },
  };
}

/** Finds the policies to which declarations refer by name or ARN. */
export class PolicyReferences {
  readonly #context: IamContext;
  /** Paths of the declared policies, by name. */
  readonly #declared: ReadonlyMap<string, string | undefined>;

  constructor(context: IamContext, declarations: Declarations) {
    this.#context = context;
    const entries = declarations.entries(policiesSection);
    this.#declared = new Map(entries.map(({ name, value }) => [keyOf(name), value.input.Path]));
  }

  /** Throws DeclarationError. */
  async arnOf(reference: string): Promise<string> {
    const isArn = reference.startsWith('arn:');
    const name = isArn ? reference.slice(reference.lastIndexOf('/') + 1) : reference;
    const row = await this.#context.store.policies.find(name);
    const path =
      row?.path ?? (this.#declared.has(keyOf(name)) ? (this.#declared.get(keyOf(name)) ?? '/') : undefined);
    const own =
      path === undefined ? undefined : arnOf(this.#context, 'policy', { name: row?.name ?? name, path });
    if (own !== undefined && (!isArn || own === reference)) return own;
    if (isArn && (await findPolicy(this.#context, reference)) !== undefined) return reference;
    throw new DeclarationError(
      `there is no policy ${reference}: declare it in the section policies, or give the ARN of one that exists`,
    );
  }
}
