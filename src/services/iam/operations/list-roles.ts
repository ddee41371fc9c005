import type { ListRolesRequest, ListRolesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { roleSummary } from '../outputs.ts';
import { pageOf } from '../paging.ts';
import { keyOf } from '../rows.ts';

/** Lists roles by name, all or those below a path. */
export async function listRoles(
  context: IamContext,
  input: Checked<ListRolesRequest>,
): Promise<ListRolesResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await pageOf(
    'roles',
    { Marker, MaxItems },
    (after) => context.store.roles.entries(after, PathPrefix),
    ({ name }) => keyOf(name),
  );
  return { Roles: page.items.map((row) => roleSummary(context, row)), ...page.end };
}
