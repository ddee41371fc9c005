import type { DeletePolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { deleteConflict } from '../errors.ts';
import { ownPolicyOf } from '../managed-policies.ts';

/** Deletes a managed policy that is not attached and has no versions besides its default one. */
export async function deletePolicy(context: IamContext, input: Checked<DeletePolicyRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await ownPolicyOf(context, input.PolicyArn);
    if ((await store.policyCounts.get(input.PolicyArn)) !== undefined) {
      throw deleteConflict('Cannot delete a policy attached to entities.');
    }
    if (row.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    store.policies.remove(writes, row);
  });
}
