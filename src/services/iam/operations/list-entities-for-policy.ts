import type { ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { validationError } from '../errors.ts';
import { policyOf } from '../managed-policies.ts';
import { pageOf } from '../paging.ts';
import { principalsWith, type PrincipalUse } from '../policy-uses.ts';
import type { PrincipalKind } from '../rows.ts';

const kindOf = { User: 'user', Group: 'group', Role: 'role' } as const;
const usageOf = { PermissionsPolicy: 'policy', PermissionsBoundary: 'boundary' } as const;

/** Lists the users, groups and roles that use a managed policy. */
export async function listEntitiesForPolicy(
  context: IamContext,
  input: Checked<ListEntitiesForPolicyRequest>,
): Promise<ListEntitiesForPolicyResponse> {
  const { PolicyArn, EntityFilter, PathPrefix = '/', PolicyUsageFilter, Marker, MaxItems } = input;
  if (EntityFilter === 'LocalManagedPolicy' || EntityFilter === 'AWSManagedPolicy') {
    throw validationError(`EntityFilter ${EntityFilter} does not apply to ListEntitiesForPolicy.`);
  }
  const { id } = await policyOf(context, PolicyArn);
  const page = await pageOf(
    `entities of ${id}`,
    { Marker, MaxItems },
    (after) =>
      principalsWith(context, PolicyArn, {
        kind: EntityFilter && kindOf[EntityFilter],
        usage: PolicyUsageFilter && usageOf[PolicyUsageFilter],
        pathPrefix: PathPrefix,
        after,
      }),
    ({ key }) => key,
  );
  const named = (kind: PrincipalKind): PrincipalUse[] => page.items.filter((item) => item.kind === kind);
  return {
    PolicyUsers: named('user').map(({ row }) => ({ UserName: row.name, UserId: row.id })),
    PolicyGroups: named('group').map(({ row }) => ({ GroupName: row.name, GroupId: row.id })),
    PolicyRoles: named('role').map(({ row }) => ({ RoleName: row.name, RoleId: row.id })),
    ...page.end,
  };
}
