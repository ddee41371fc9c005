import type { ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { pageOfTags } from '../tag-pages.ts';

/** Lists the tags of an instance profile. */
export async function listInstanceProfileTags(
  context: IamContext,
  input: Checked<ListInstanceProfileTagsRequest>,
): Promise<ListInstanceProfileTagsResponse> {
  const row = await context.store.instanceProfiles.get(input.InstanceProfileName);
  const { Marker, MaxItems } = input;
  const page = await pageOfTags(row.id, { Marker, MaxItems }, row.tags);
  return { Tags: [...page.items], ...page.end };
}
