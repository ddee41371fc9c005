import type { SetDefaultPolicyVersionRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { ownPolicyOf, versionOf } from '../managed-policies.ts';

/** Chooses the version of a managed policy that is in force. */
export async function setDefaultPolicyVersion(
  context: IamContext,
  input: Checked<SetDefaultPolicyVersionRequest>,
): Promise<void> {
  const { store, clock } = context;
  const { PolicyArn, VersionId } = input;
  await store.change(async (writes) => {
    const row = await ownPolicyOf(context, PolicyArn);
    const { number } = versionOf({ ...row, arn: PolicyArn }, VersionId);
    store.policies.patch(writes, row, { defaultVersion: number, updatedMs: clock.now() });
  });
}
