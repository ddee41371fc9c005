import type { UpdateAssumeRolePolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { checkTrustPolicy } from '../documents.ts';

/** Replaces the trust policy of a role. */
export async function updateAssumeRolePolicy(
  context: IamContext,
  input: Checked<UpdateAssumeRolePolicyRequest>,
): Promise<void> {
  const { store } = context;
  const { RoleName, PolicyDocument: trust } = input;
  await store.change(async (writes) => {
    const row = await store.roles.get(RoleName);
    checkTrustPolicy(trust);
    store.roles.patch(writes, row, { trust });
  });
}
