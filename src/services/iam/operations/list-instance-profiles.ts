import type { ListInstanceProfilesRequest, ListInstanceProfilesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { instanceProfileOutput } from '../outputs.ts';
import { pageOf } from '../paging.ts';
import { keyOf } from '../rows.ts';

/** Lists instance profiles by name, all or those below a path. */
export async function listInstanceProfiles(
  context: IamContext,
  input: Checked<ListInstanceProfilesRequest>,
): Promise<ListInstanceProfilesResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await pageOf(
    'instance profiles',
    { Marker, MaxItems },
    (after) => context.store.instanceProfiles.entries(after, PathPrefix),
    ({ name }) => keyOf(name),
  );
  const outputs = page.items.map((row) => instanceProfileOutput(context, row));
  return { InstanceProfiles: await Promise.all(outputs), ...page.end };
}
