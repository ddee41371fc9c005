import type { AttachedPermissionsBoundary, Group, InstanceProfile, Role, User } from '@aws-sdk/client-iam';
import { formatArn } from '../../aws/arn.ts';
import type { IamContext } from './context.ts';
import { encodeDocument } from './documents.ts';
import type { EntityRow, GroupRow, InstanceProfileRow, RoleRow, UserRow } from './rows.ts';
import { tagsMember } from './tags.ts';
import type { EntityKind } from './writes.ts';

/** IAM is global: its ARNs have no region. */
export function arnOf(
  { accountId }: Pick<IamContext, 'accountId'>,
  kind: EntityKind,
  { path, name }: Pick<EntityRow, 'path' | 'name'>,
): string {
  return formatArn('iam', { region: '', accountId }, `${kind}${path}${name}`);
}

/** As in lists. */
export function userSummary(context: IamContext, row: UserRow): User {
  return {
    Path: row.path,
    UserName: row.name,
    UserId: row.id,
    Arn: arnOf(context, 'user', row),
    CreateDate: new Date(row.createdMs),
  };
}

export function userOutput(context: IamContext, row: UserRow): User {
  return { ...userSummary(context, row), ...boundaryMember(row), ...tagsMember(row.tags) };
}

export function groupOutput(context: IamContext, row: GroupRow): Group {
  return {
    Path: row.path,
    GroupName: row.name,
    GroupId: row.id,
    Arn: arnOf(context, 'group', row),
    CreateDate: new Date(row.createdMs),
  };
}

/** As in lists. */
export function roleSummary(context: IamContext, row: RoleRow): Role {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: arnOf(context, 'role', row),
    CreateDate: new Date(row.createdMs),
    AssumeRolePolicyDocument: encodeDocument(row.trust),
    ...(row.description !== undefined && { Description: row.description }),
    MaxSessionDuration: row.sessionSecondsMax,
  };
}

export function roleOutput(context: IamContext, row: RoleRow): Role {
  return { ...roleSummary(context, row), ...boundaryMember(row), ...tagsMember(row.tags), RoleLastUsed: {} };
}

function boundaryMember({ boundary }: { readonly boundary?: string | undefined }): {
  PermissionsBoundary?: AttachedPermissionsBoundary;
} {
  if (boundary === undefined) return {};
  return {
    PermissionsBoundary: {
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: boundary,
    },
  };
}

export async function instanceProfileOutput(
  context: IamContext,
  row: InstanceProfileRow,
): Promise<InstanceProfile> {
  const role = row.role === undefined ? undefined : await context.store.roles.find(row.role);
  return {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: arnOf(context, 'instance-profile', row),
    CreateDate: new Date(row.createdMs),
    Roles: role === undefined ? [] : [roleSummary(context, role)],
    ...tagsMember(row.tags),
  };
}
