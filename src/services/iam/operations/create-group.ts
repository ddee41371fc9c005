import type { CreateGroupRequest, CreateGroupResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { newEntity } from '../entities.ts';
import { groupOutput } from '../outputs.ts';
import type { GroupRow } from '../rows.ts';

/** Creates a group. Names are unique without regard to case. */
export function createGroup(
  context: IamContext,
  input: Checked<CreateGroupRequest>,
): Promise<CreateGroupResponse> {
  const { store } = context;
  return store.change(async (writes) => {
    const entity = await newEntity(context, store.groups, input.GroupName, input.Path);
    const row: GroupRow = { ...entity, inline: [], attached: [] };
    store.groups.insert(writes, row);
    writes.put(store.names, row.id, { name: row.name });
    return { Group: groupOutput(context, row) };
  });
}
