import type { CreateUserRequest, CreateUserResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { newEntity } from '../entities.ts';
import { userOutput } from '../outputs.ts';
import { addPolicyUse } from '../policy-uses.ts';
import { requirePolicy } from '../principal-policies.ts';
import type { UserRow } from '../rows.ts';
import { withIamTags } from '../tags.ts';

/** Creates a user, optionally with tags and a permissions boundary. Names are unique without regard to case. */
export function createUser(
  context: IamContext,
  input: Checked<CreateUserRequest>,
): Promise<CreateUserResponse> {
  const { store } = context;
  const { UserName, Path, PermissionsBoundary: boundary, Tags = [] } = input;
  return store.change(async (writes) => {
    if (boundary !== undefined) await requirePolicy(context, boundary);
    const entity = await newEntity(context, store.users, UserName, Path);
    const tags = withIamTags({}, Tags);
    const row: UserRow = { ...entity, tags, boundary, inline: [], attached: [], groups: [] };
    store.users.insert(writes, row);
    writes.put(store.names, row.id, { name: row.name });
    if (boundary !== undefined) {
      await addPolicyUse(context, writes, { arn: boundary, usage: 'boundary', kind: 'user', principal: row });
    }
    return { User: userOutput(context, row) };
  });
}
