import type { DeleteInstanceProfileRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { deleteConflict } from '../errors.ts';

/** Deletes an instance profile that has no role any more. */
export async function deleteInstanceProfile(
  context: IamContext,
  input: Checked<DeleteInstanceProfileRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.instanceProfiles.get(input.InstanceProfileName);
    if (row.role !== undefined) {
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    }
    store.instanceProfiles.remove(writes, row);
  });
}
