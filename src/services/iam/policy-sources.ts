import type { IamContext } from './context.ts';
import { invalidInput, noSuchEntity } from './errors.ts';
import {
  type IdentityPolicy,
  managedPolicy,
  policiesOfGroups,
  policiesOfPrincipal,
} from './identity-policies.ts';
import { arnOf } from './outputs.ts';
import type { EntityRow } from './rows.ts';

/** The policies that a user, group or role has, for simulations. */
export interface PolicySource {
  readonly arn: string;
  readonly kind: 'user' | 'group' | 'role';
  readonly name: string;
  readonly id: string;
  readonly policies: readonly IdentityPolicy[];
  readonly boundary: readonly IdentityPolicy[] | undefined;
}

/** By exactly its ARN, which policies were asked about. Throws NoSuchEntity or InvalidInput. */
export async function policySourceOf(context: IamContext, arn: string): Promise<PolicySource> {
  const { store } = context;
  const [, kind, name = ''] = /^arn:aws:iam::\d{12}:(user|group|role)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (kind === 'group') {
    const row = await store.groups.get(name);
    requireArn(context, arn, kind, row);
    const policies = await policiesOfPrincipal(context, kind, row);
    return { arn, kind, name: row.name, id: row.id, policies, boundary: undefined };
  }
  if (kind !== 'user' && kind !== 'role') {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const row = kind === 'user' ? await store.users.get(name) : await store.roles.get(name);
  requireArn(context, arn, kind, row);
  const policies = await policiesOfPrincipal(context, kind, row);
  if ('groups' in row) policies.push(...(await policiesOfGroups(context, row)));
  const boundary = row.boundary === undefined ? undefined : await managedPolicy(context, row.boundary);
  return { arn, kind, name: row.name, id: row.id, policies, boundary };
}

function requireArn(context: IamContext, arn: string, kind: PolicySource['kind'], row: EntityRow): void {
  if (arnOf(context, kind, row) === arn) return;
  throw noSuchEntity(`The ${kind} with ARN ${arn} cannot be found.`);
}
