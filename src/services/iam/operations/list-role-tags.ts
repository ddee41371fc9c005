import type { ListRoleTagsRequest, ListRoleTagsResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { pageOfTags } from '../tag-pages.ts';

/** Lists the tags of a role. */
export async function listRoleTags(
  context: IamContext,
  input: Checked<ListRoleTagsRequest>,
): Promise<ListRoleTagsResponse> {
  const row = await context.store.roles.get(input.RoleName);
  const { Marker, MaxItems } = input;
  const page = await pageOfTags(row.id, { Marker, MaxItems }, row.tags);
  return { Tags: [...page.items], ...page.end };
}
