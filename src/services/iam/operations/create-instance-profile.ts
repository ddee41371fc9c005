import type { CreateInstanceProfileRequest, CreateInstanceProfileResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { newEntity } from '../entities.ts';
import { instanceProfileOutput } from '../outputs.ts';
import { withIamTags } from '../tags.ts';

/** Creates an instance profile, for tools that make one: nagare has no instances. */
export function createInstanceProfile(
  context: IamContext,
  input: Checked<CreateInstanceProfileRequest>,
): Promise<CreateInstanceProfileResponse> {
  const { store } = context;
  return store.change(async (writes) => {
    const { InstanceProfileName, Path, Tags = [] } = input;
    const entity = await newEntity(context, store.instanceProfiles, InstanceProfileName, Path);
    const row = { ...entity, tags: withIamTags({}, Tags) };
    store.instanceProfiles.insert(writes, row);
    return { InstanceProfile: await instanceProfileOutput(context, row) };
  });
}
