import type { GetInstanceProfileRequest, GetInstanceProfileResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { instanceProfileOutput } from '../outputs.ts';

/** Returns an instance profile with its role. */
export async function getInstanceProfile(
  context: IamContext,
  input: Checked<GetInstanceProfileRequest>,
): Promise<GetInstanceProfileResponse> {
  const row = await context.store.instanceProfiles.get(input.InstanceProfileName);
  return { InstanceProfile: await instanceProfileOutput(context, row) };
}
