import type { GetGroupRequest, GetGroupResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { membersOf } from '../membership.ts';
import { groupOutput, userSummary } from '../outputs.ts';
import { pageOf } from '../paging.ts';

/** Returns a group and its users. */
export async function getGroup(
  context: IamContext,
  input: Checked<GetGroupRequest>,
): Promise<GetGroupResponse> {
  const { store } = context;
  const { GroupName, Marker, MaxItems } = input;
  const group = await store.groups.get(GroupName);
  const page = await pageOf(
    `users of ${group.id}`,
    { Marker, MaxItems },
    (after) => membersOf(store, group.id, after),
    ({ id }) => id,
  );
  return {
    Group: groupOutput(context, group),
    Users: page.items.map((row) => userSummary(context, row)),
    ...page.end,
  };
}
