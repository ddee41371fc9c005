import type { UntagUserRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { withoutIamTags } from '../tags.ts';

/** Removes tags of a user; keys without a tag are ignored. */
export async function untagUser(context: IamContext, input: Checked<UntagUserRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.users.get(input.UserName);
    store.users.patch(writes, row, { tags: withoutIamTags(row.tags, input.TagKeys) });
  });
}
