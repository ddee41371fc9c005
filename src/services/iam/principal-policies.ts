import type { AttachedPolicy } from '@aws-sdk/client-iam';
import type { IamContext } from './context.ts';
import { checkDocument, checkInlineSize, encodeDocument } from './documents.ts';
import type { EntityTable } from './entity-table.ts';
import { noSuchEntity, policyNotAttachable, policyNotFound, quotaExceeded } from './errors.ts';
import { iamLimits } from './limits.ts';
import { findPolicy } from './managed-policies.ts';
import { type Page, pageOfList, type PageRequest } from './paging.ts';
import { addPolicyUse, removePolicyUse } from './policy-uses.ts';
import type { BoundedRow, PrincipalKind } from './rows.ts';

/** Policies of users, groups and roles: they are the same for all three. */

export interface InlinePolicyOutput {
  readonly PolicyName: string;
  readonly PolicyDocument: string;
}

/** Throws NoSuchEntity, MalformedPolicyDocument or LimitExceeded. */
export function putInlinePolicy(
  { store }: IamContext,
  kind: PrincipalKind,
  principalName: string,
  policy: InlinePolicyOutput,
): Promise<void> {
  const { PolicyName: name, PolicyDocument: document } = policy;
  const table = store.principals(kind);
  return store.change(async (writes) => {
    const row = await table.get(principalName);
    checkDocument(document, 'identity');
    const inline = [...row.inline.filter((one) => one.name !== name), { name, document }];
    checkInlineSize(kind, row.name, inline);
    table.patch(writes, row, { inline });
  });
}

/** Throws NoSuchEntity. */
export async function inlinePolicy(
  { store }: IamContext,
  kind: PrincipalKind,
  principalName: string,
  policyName: string,
): Promise<InlinePolicyOutput> {
  const row = await store.principals(kind).get(principalName);
  const found = row.inline.find(({ name }) => name === policyName);
  if (found === undefined) throw inlineNotFound(kind, policyName);
  return { PolicyName: found.name, PolicyDocument: encodeDocument(found.document) };
}

/** Throws NoSuchEntity. */
export function deleteInlinePolicy(
  { store }: IamContext,
  kind: PrincipalKind,
  principalName: string,
  policyName: string,
): Promise<void> {
  const table = store.principals(kind);
  return store.change(async (writes) => {
    const row = await table.get(principalName);
    const inline = row.inline.filter(({ name }) => name !== policyName);
    if (inline.length === row.inline.length) throw inlineNotFound(kind, policyName);
    table.patch(writes, row, { inline });
  });
}

function inlineNotFound(kind: PrincipalKind, policyName: string): Error {
  return noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
}

export async function inlinePolicyNames(
  { store }: IamContext,
  kind: PrincipalKind,
  principalName: string,
  request: PageRequest,
): Promise<Page<string>> {
  const row = await store.principals(kind).get(principalName);
  const names = row.inline.map(({ name }) => name);
  return pageOfList(`policies of ${kind} ${row.id}`, request, names, (name) => name);
}

const attachedQuotas = {
  user: 'PoliciesPerUser',
  group: 'PoliciesPerGroup',
  role: 'PoliciesPerRole',
} as const;

/** Attaching a policy again does nothing. Throws NoSuchEntity or LimitExceeded. */
export function attachPolicy(
  context: IamContext,
  kind: PrincipalKind,
  principalName: string,
  arn: string,
): Promise<void> {
  const { store } = context;
  const table = store.principals(kind);
  return store.change(async (writes) => {
    const row = await table.get(principalName);
    if ((await findPolicy(context, arn)) === undefined) throw policyNotAttachable(arn);
    if (row.attached.includes(arn)) return;
    const max = iamLimits.policiesAttachedMax;
    if (row.attached.length >= max) throw quotaExceeded(attachedQuotas[kind], max);
    table.patch(writes, row, { attached: [...row.attached, arn] });
    await addPolicyUse(context, writes, { arn, usage: 'policy', kind, principal: row });
  });
}

/** Throws NoSuchEntity. */
export function detachPolicy(
  context: IamContext,
  kind: PrincipalKind,
  principalName: string,
  arn: string,
): Promise<void> {
  const { store } = context;
  const table = store.principals(kind);
  return store.change(async (writes) => {
    const row = await table.get(principalName);
    if (!row.attached.includes(arn)) throw policyNotFound(arn);
    table.patch(writes, row, { attached: row.attached.filter((one) => one !== arn) });
    await removePolicyUse(context, writes, { arn, usage: 'policy', kind, principal: row });
  });
}

export async function attachedPolicies(
  { store }: IamContext,
  kind: PrincipalKind,
  principalName: string,
  request: PageRequest & { readonly PathPrefix?: string | undefined },
): Promise<Page<AttachedPolicy>> {
  const row = await store.principals(kind).get(principalName);
  const { PathPrefix = '/' } = request;
  const arns = row.attached.filter((arn) => pathOf(arn).startsWith(PathPrefix));
  const page = await pageOfList(`policies attached to ${kind} ${row.id}`, request, arns, orderOf);
  return { ...page, items: page.items.map(attachedOutput) };
}

export function attachedOutput(arn: string): AttachedPolicy {
  return { PolicyName: nameOf(arn), PolicyArn: arn };
}

/** `arn:aws:iam::123456789012:policy/team/read` has the path `/team/`. */
function pathOf(arn: string): string {
  return arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1);
}

/** Names are unique in the account and among AWS's policies. */
function orderOf(arn: string): string {
  return `${nameOf(arn)} ${arn.split(':')[4] ?? ''}`;
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Sets, or with undefined removes, a permissions boundary. Throws NoSuchEntity. */
export function setBoundary(
  context: IamContext,
  kind: 'user' | 'role',
  principalName: string,
  boundary: string | undefined,
): Promise<void> {
  const { store } = context;
  const table: EntityTable<BoundedRow> = kind === 'user' ? store.users : store.roles;
  return store.change(async (writes) => {
    const row = await table.get(principalName);
    if (boundary !== undefined) await requirePolicy(context, boundary);
    if (row.boundary === boundary) return;
    if (row.boundary !== undefined) {
      await removePolicyUse(context, writes, { arn: row.boundary, usage: 'boundary', kind, principal: row });
    }
    if (boundary !== undefined) {
      await addPolicyUse(context, writes, { arn: boundary, usage: 'boundary', kind, principal: row });
    }
    table.patch(writes, row, { boundary });
  });
}

/** Throws NoSuchEntity. */
export async function requirePolicy(context: IamContext, arn: string): Promise<void> {
  if ((await findPolicy(context, arn)) === undefined) throw policyNotFound(arn);
}
