import type { PlanStep, Removable } from '../../../declarations/plan.ts';
import { DeclarationError } from '../../../errors.ts';
import type { IamContext } from '../context.ts';
import { checkTrustPolicy } from '../documents.ts';
import { membersOf } from '../membership.ts';
import { createGroup } from '../operations/create-group.ts';
import { createRole } from '../operations/create-role.ts';
import { deleteGroup } from '../operations/delete-group.ts';
import { deleteRole } from '../operations/delete-role.ts';
import { removeRoleFromInstanceProfile } from '../operations/remove-role-from-instance-profile.ts';
import { removeUserFromGroup } from '../operations/remove-user-from-group.ts';
import { updateAssumeRolePolicy } from '../operations/update-assume-role-policy.ts';
import { updateGroup } from '../operations/update-group.ts';
import { updateRole } from '../operations/update-role.ts';
import { profilesOf } from '../profiles.ts';
import type { GroupRow, RoleRow } from '../rows.ts';
import { type Change, isSameDocument, stepOf } from './changes.ts';
import type { PolicyReferences } from './policies.ts';
import { checkPolicies, policyChanges, removePolicies } from './principals.ts';
import type { DeclaredGroup, DeclaredRole } from './section.ts';
import { tagChanges } from './tags.ts';

export async function planGroup(
  context: IamContext,
  name: string,
  declared: DeclaredGroup,
  references: PolicyReferences,
): Promise<PlanStep> {
  const { groups } = context.store;
  const { path } = declared;
  await checkPolicies('group', name, declared, references);
  return await stepOf(
    (await groups.find(name)) !== undefined,
    () => createGroup(context, { GroupName: name, ...(path !== undefined && { Path: path }) }),
    async () => {
      const row = await groups.get(name);
      const changes = await policyChanges(context, { kind: 'group', row }, declared, references);
      if (path === undefined || path === row.path) return changes;
      const apply = () => updateGroup(context, { GroupName: row.name, NewPath: path });
      return [...changes, { name: 'path', before: row.path, after: path, apply }];
    },
  );
}

export function removableGroup(context: IamContext, row: GroupRow): Removable {
  return {
    async remove() {
      const GroupName = row.name;
      for await (const { name } of membersOf(context.store, row.id)) {
        await removeUserFromGroup(context, { GroupName, UserName: name });
      }
      await removePolicies(context, { kind: 'group', row });
      await deleteGroup(context, { GroupName });
    },
  };
}

export async function planRole(
  context: IamContext,
  name: string,
  declared: DeclaredRole,
  references: PolicyReferences,
): Promise<PlanStep> {
  const { input, own } = declared;
  checkTrustPolicy(own.assumeRolePolicyDocument);
  await checkPolicies('role', name, own, references);
  const row = await context.store.roles.find(name);
  if (row !== undefined && input.Path !== undefined && input.Path !== row.path) {
    throw new DeclarationError(`its path is ${row.path}; that of a role cannot be changed`);
  }
  const { assumeRolePolicyDocument: AssumeRolePolicyDocument } = own;
  return await stepOf(
    row !== undefined,
    () => createRole(context, { ...input, RoleName: name, AssumeRolePolicyDocument }),
    async () => roleChanges(context, await context.store.roles.get(name), declared, references),
  );
}

async function roleChanges(
  context: IamContext,
  row: RoleRow,
  { input, own }: DeclaredRole,
  references: PolicyReferences,
): Promise<Change[]> {
  const RoleName = row.name;
  const changes = tagChanges(context.store, context.store.roles, row, input.Tags);
  const document = own.assumeRolePolicyDocument;
  if (!isSameDocument(row.trust, document)) {
    const apply = () => updateAssumeRolePolicy(context, { RoleName, PolicyDocument: document });
    changes.push({ name: 'assumeRolePolicyDocument', before: 'another', after: 'declared', apply });
  }
  const { Description = row.description, MaxSessionDuration = row.sessionSecondsMax } = input;
  if (Description !== row.description || MaxSessionDuration !== row.sessionSecondsMax) {
    const described = Description === undefined ? {} : { Description };
    const apply = () => updateRole(context, { RoleName, MaxSessionDuration, ...described });
    const before = `${row.description ?? ''} ${row.sessionSecondsMax} s`.trim();
    const after = `${Description ?? ''} ${MaxSessionDuration} s`.trim();
    changes.push({ name: 'description and maxSessionDuration', before, after, apply });
  }
  return [...changes, ...(await policyChanges(context, { kind: 'role', row }, own, references))];
}

export function removableRole(context: IamContext, row: RoleRow): Removable {
  return {
    async remove() {
      const RoleName = row.name;
      for await (const { name } of profilesOf(context.store, row.name)) {
        await removeRoleFromInstanceProfile(context, { InstanceProfileName: name, RoleName });
      }
      await removePolicies(context, { kind: 'role', row });
      await deleteRole(context, { RoleName });
    },
  };
}
