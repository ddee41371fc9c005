import type { UntagInstanceProfileRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { withoutIamTags } from '../tags.ts';

/** Removes tags of an instance profile; keys without a tag are ignored. */
export async function untagInstanceProfile(
  context: IamContext,
  input: Checked<UntagInstanceProfileRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.instanceProfiles.get(input.InstanceProfileName);
    store.instanceProfiles.patch(writes, row, { tags: withoutIamTags(row.tags, input.TagKeys) });
  });
}
