import type { ListUserTagsRequest, ListUserTagsResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { pageOfTags } from '../tag-pages.ts';

/** Lists the tags of a user. */
export async function listUserTags(
  context: IamContext,
  input: Checked<ListUserTagsRequest>,
): Promise<ListUserTagsResponse> {
  const row = await context.store.users.get(input.UserName);
  const { Marker, MaxItems } = input;
  const page = await pageOfTags(row.id, { Marker, MaxItems }, row.tags);
  return { Tags: [...page.items], ...page.end };
}
