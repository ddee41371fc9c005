import type { IamContext } from './context.ts';
import { defaultDocument, findPolicy } from './managed-policies.ts';
import { isAwsManaged } from './aws-managed-policies.ts';
import type { PrincipalKind, PrincipalRow, UserRow } from './rows.ts';

/** A policy of a user, group or role, and where it comes from. */
export interface IdentityPolicy {
  readonly name: string;
  readonly source: PrincipalKind | 'aws-managed' | 'user-managed';
  readonly document: string;
}

/** The policies of a principal: its inline ones, then those attached to it. */
export async function policiesOfPrincipal(
  context: IamContext,
  kind: PrincipalKind,
  row: PrincipalRow,
): Promise<IdentityPolicy[]> {
  const policies: IdentityPolicy[] = row.inline.map(({ name, document }) => ({
    name,
    source: kind,
    document,
  }));
  for (const arn of row.attached) policies.push(...(await managedPolicy(context, arn)));
  return policies;
}

/** The policies of the groups that a user is in. */
export async function policiesOfGroups(context: IamContext, user: UserRow): Promise<IdentityPolicy[]> {
  const { store } = context;
  const policies: IdentityPolicy[] = [];
  for (const id of user.groups) {
    const name = await store.nameOf(id);
    const group = name === undefined ? undefined : await store.groups.find(name);
    if (group !== undefined) policies.push(...(await policiesOfPrincipal(context, 'group', group)));
  }
  return policies;
}

/** A managed policy in its default version; none if it does not exist. */
export async function managedPolicy(context: IamContext, arn: string): Promise<IdentityPolicy[]> {
  const policy = await findPolicy(context, arn);
  if (policy === undefined) return [];
  const source = isAwsManaged(arn) ? 'aws-managed' : 'user-managed';
  return [{ name: policy.name, source, document: defaultDocument(policy) }];
}
