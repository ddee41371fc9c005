import type { TagPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { ownPolicyOf } from '../managed-policies.ts';
import { withIamTags } from '../tags.ts';

/** Adds or replaces tags of a managed policy of the account. */
export async function tagPolicy(context: IamContext, input: Checked<TagPolicyRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await ownPolicyOf(context, input.PolicyArn);
    store.policies.patch(writes, row, { tags: withIamTags(row.tags, input.Tags) });
  });
}
