import type { UntagPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { ownPolicyOf } from '../managed-policies.ts';
import { withoutIamTags } from '../tags.ts';

/** Removes tags of a managed policy; keys without a tag are ignored. */
export async function untagPolicy(context: IamContext, input: Checked<UntagPolicyRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await ownPolicyOf(context, input.PolicyArn);
    store.policies.patch(writes, row, { tags: withoutIamTags(row.tags, input.TagKeys) });
  });
}
