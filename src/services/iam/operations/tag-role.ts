import type { TagRoleRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { withIamTags } from '../tags.ts';

/** Adds or replaces tags of a role. */
export async function tagRole(context: IamContext, input: Checked<TagRoleRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.roles.get(input.RoleName);
    store.roles.patch(writes, row, { tags: withIamTags(row.tags, input.Tags) });
  });
}
