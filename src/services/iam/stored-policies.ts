import type { PoliciesOfPrincipal, PolicySource } from '../../auth/authorization/policy-source.ts';
import type { IamContext } from './context.ts';
import { managedPolicy, policiesOfGroups, policiesOfPrincipal } from './identity-policies.ts';
import { arnOf } from './outputs.ts';
import type { RoleRow, UserRow } from './rows.ts';

/** The policies of users and roles, for decisions about requests. */
export function principalPolicies(context: IamContext): PolicySource {
  const { store } = context;

  async function policiesOf(kind: 'user' | 'role', row: UserRow | RoleRow): Promise<PoliciesOfPrincipal> {
    const policies = await policiesOfPrincipal(context, kind, row);
    if ('groups' in row) policies.push(...(await policiesOfGroups(context, row)));
    const boundary = row.boundary === undefined ? undefined : await managedPolicy(context, row.boundary);
    return {
      documents: policies.map(({ document }) => document),
      boundary: boundary?.map(({ document }) => document),
    };
  }

  async function roleOf(arn: string): Promise<RoleRow | undefined> {
    const row = await store.roles.find(arn.slice(arn.lastIndexOf('/') + 1));
    return row !== undefined && arnOf(context, 'role', row) === arn ? row : undefined;
  }

  return {
    get revision() {
      return store.revision;
    },
    async ofUser(userId) {
      const row = await store.userWithId(userId);
      return row && policiesOf('user', row);
    },
    async ofRole(roleArn) {
      const row = await roleOf(roleArn);
      return row && policiesOf('role', row);
    },
    async managedPolicy(arn) {
      const [policy] = await managedPolicy(context, arn);
      return policy?.document;
    },
    role: roleOf,
  };
}
