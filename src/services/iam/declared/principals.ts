import type { IamContext } from '../context.ts';
import { checkDocument, checkInlineSize } from '../documents.ts';
import {
  attachPolicy,
  deleteInlinePolicy,
  detachPolicy,
  putInlinePolicy,
  setBoundary,
} from '../principal-policies.ts';
import type { PrincipalKind, PrincipalRow } from '../rows.ts';
import { type Change, isSameDocument, isSameSet } from './changes.ts';
import type { PolicyReferences } from './policies.ts';
import type { DeclaredPolicies } from './section.ts';

/** A user, group or role. */
export interface Principal {
  readonly kind: PrincipalKind;
  readonly row: PrincipalRow & { readonly boundary?: string | undefined };
}

/** Throws what the API would refuse when the declaration is applied. */
export async function checkPolicies(
  kind: PrincipalKind,
  name: string,
  { attachedPolicies = [], inlinePolicies = {}, permissionsBoundary }: DeclaredPolicies,
  references: PolicyReferences,
): Promise<void> {
  const used =
    permissionsBoundary === undefined ? attachedPolicies : [...attachedPolicies, permissionsBoundary];
  for (const reference of used) await references.arnOf(reference);
  const inline = Object.entries(inlinePolicies).map(([policyName, document]) => ({
    name: policyName,
    document,
  }));
  for (const { document } of inline) checkDocument(document, 'identity');
  checkInlineSize(kind, name, inline);
}

export async function policyChanges(
  context: IamContext,
  { kind, row }: Principal,
  declared: DeclaredPolicies,
  references: PolicyReferences,
): Promise<Change[]> {
  return [
    ...(await boundaryChanges(context, { kind, row }, declared, references)),
    ...(await attachedChanges(context, { kind, row }, declared, references)),
    ...inlineChanges(context, { kind, row }, declared),
  ];
}

async function boundaryChanges(
  context: IamContext,
  { kind, row }: Principal,
  { permissionsBoundary }: DeclaredPolicies,
  references: PolicyReferences,
): Promise<Change[]> {
  if (permissionsBoundary === undefined || kind === 'group') return [];
  const after = await references.arnOf(permissionsBoundary);
  if (after === row.boundary) return [];
  const apply = (): Promise<void> => setBoundary(context, kind, row.name, after);
  return [{ name: 'permissionsBoundary', before: row.boundary, after, apply }];
}

async function attachedChanges(
  context: IamContext,
  { kind, row }: Principal,
  { attachedPolicies }: DeclaredPolicies,
  references: PolicyReferences,
): Promise<Change[]> {
  if (attachedPolicies === undefined) return [];
  const after = await Promise.all(attachedPolicies.map((reference) => references.arnOf(reference)));
  if (isSameSet(row.attached, after)) return [];
  const apply = async (): Promise<void> => {
    for (const arn of row.attached)
      if (!after.includes(arn)) await detachPolicy(context, kind, row.name, arn);
    for (const arn of after) await attachPolicy(context, kind, row.name, arn);
  };
  return [{ name: 'attachedPolicies', before: row.attached, after, apply }];
}

function inlineChanges(
  context: IamContext,
  { kind, row }: Principal,
  { inlinePolicies }: DeclaredPolicies,
): Change[] {
  if (inlinePolicies === undefined) return [];
  const gone = row.inline.filter(({ name }) => !(name in inlinePolicies));
  const put = Object.entries(inlinePolicies).filter(([name, document]) => {
    const present = row.inline.find((one) => one.name === name);
    return present === undefined || !isSameDocument(present.document, document);
  });
  if (gone.length === 0 && put.length === 0) return [];
  const apply = async (): Promise<void> => {
    for (const { name } of gone) await deleteInlinePolicy(context, kind, row.name, name);
    for (const [PolicyName, PolicyDocument] of put) {
      await putInlinePolicy(context, kind, row.name, { PolicyName, PolicyDocument });
    }
  };
  const before = row.inline.map(({ name }) => name);
  const after = Object.keys(inlinePolicies).map((name) =>
    before.includes(name) && put.some(([changed]) => changed === name) ? `${name} (changed)` : name,
  );
  return [{ name: 'inlinePolicies', before, after, apply }];
}

/** What AWS wants to be removed before a principal is deleted. */
export async function removePolicies(context: IamContext, { kind, row }: Principal): Promise<void> {
  for (const arn of row.attached) await detachPolicy(context, kind, row.name, arn);
  for (const { name } of row.inline) await deleteInlinePolicy(context, kind, row.name, name);
}
