import type { TagUserRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { withIamTags } from '../tags.ts';

/** Adds or replaces tags of a user. */
export async function tagUser(context: IamContext, input: Checked<TagUserRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.users.get(input.UserName);
    store.users.patch(writes, row, { tags: withIamTags(row.tags, input.Tags) });
  });
}
