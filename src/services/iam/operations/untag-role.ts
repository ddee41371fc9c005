import type { UntagRoleRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { withoutIamTags } from '../tags.ts';

/** Removes tags of a role; keys without a tag are ignored. */
export async function untagRole(context: IamContext, input: Checked<UntagRoleRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.roles.get(input.RoleName);
    store.roles.patch(writes, row, { tags: withoutIamTags(row.tags, input.TagKeys) });
  });
}
