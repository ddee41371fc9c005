import type { CreateRoleRequest, CreateRoleResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { checkTrustPolicy } from '../documents.ts';
import { newEntity } from '../entities.ts';
import { roleOutput } from '../outputs.ts';
import { addPolicyUse } from '../policy-uses.ts';
import { requirePolicy } from '../principal-policies.ts';
import type { RoleRow } from '../rows.ts';
import { withIamTags } from '../tags.ts';

/** Creates a role with its trust policy, optionally with tags and a permissions boundary. Names are unique without regard to case. */
export function createRole(
  context: IamContext,
  input: Checked<CreateRoleRequest>,
): Promise<CreateRoleResponse> {
  const { store } = context;
  const { RoleName, Path, AssumeRolePolicyDocument: trust, Description: description } = input;
  const { MaxSessionDuration = 3600, PermissionsBoundary: boundary, Tags = [] } = input;
  return store.change(async (writes) => {
    checkTrustPolicy(trust);
    if (boundary !== undefined) await requirePolicy(context, boundary);
    const entity = await newEntity(context, store.roles, RoleName, Path);
    const own = { trust, description, sessionSecondsMax: MaxSessionDuration };
    const tags = withIamTags({}, Tags);
    const row: RoleRow = { ...entity, ...own, tags, boundary, inline: [], attached: [] };
    store.roles.insert(writes, row);
    writes.put(store.names, row.id, { name: row.name });
    if (boundary !== undefined) {
      await addPolicyUse(context, writes, { arn: boundary, usage: 'boundary', kind: 'role', principal: row });
    }
    return { Role: roleOutput(context, row) };
  });
}
