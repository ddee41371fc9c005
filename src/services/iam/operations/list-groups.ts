import type { ListGroupsRequest, ListGroupsResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { groupOutput } from '../outputs.ts';
import { pageOf } from '../paging.ts';
import { keyOf } from '../rows.ts';

/** Lists groups by name, all or those below a path. */
export async function listGroups(
  context: IamContext,
  input: Checked<ListGroupsRequest>,
): Promise<ListGroupsResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await pageOf(
    'groups',
    { Marker, MaxItems },
    (after) => context.store.groups.entries(after, PathPrefix),
    ({ name }) => keyOf(name),
  );
  return { Groups: page.items.map((row) => groupOutput(context, row)), ...page.end };
}
