import type { TagInstanceProfileRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { withIamTags } from '../tags.ts';

/** Adds or replaces tags of an instance profile. */
export async function tagInstanceProfile(
  context: IamContext,
  input: Checked<TagInstanceProfileRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.instanceProfiles.get(input.InstanceProfileName);
    store.instanceProfiles.patch(writes, row, { tags: withIamTags(row.tags, input.Tags) });
  });
}
