import type { DeletePolicyVersionRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { deleteConflict } from '../errors.ts';
import { ownPolicyOf, versionOf } from '../managed-policies.ts';

/** Deletes a version of a managed policy that is not its default one. */
export async function deletePolicyVersion(
  context: IamContext,
  input: Checked<DeletePolicyVersionRequest>,
): Promise<void> {
  const { store } = context;
  const { PolicyArn, VersionId } = input;
  await store.change(async (writes) => {
    const row = await ownPolicyOf(context, PolicyArn);
    const { number } = versionOf({ ...row, arn: PolicyArn }, VersionId);
    if (number === row.defaultVersion) throw deleteConflict('Cannot delete the default version of a policy.');
    const versions = row.versions.filter((version) => version.number !== number);
    store.policies.patch(writes, row, { versions });
  });
}
