import type {
  GetAccountAuthorizationDetailsResponse,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';
import type { IamContext } from './context.ts';
import { encodeDocument } from './documents.ts';
import { policyOutput, versionOutput } from './managed-policies.ts';
import type { ManagedPolicy } from './managed-policy.ts';
import { groupOutput, instanceProfileOutput, roleOutput, userOutput } from './outputs.ts';
import { orderOf, policiesAfter } from './policy-list.ts';
import { attachedOutput } from './principal-policies.ts';
import { profilesOf } from './profiles.ts';
import { type GroupRow, type InlinePolicy, keyOf, type RoleRow, type UserRow } from './rows.ts';

/** The values of Filter, in the order of the answer. */
export const detailKinds = ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const;

type DetailKind = (typeof detailKinds)[number];

/** One thing of the account, with its place in the order of the answer. */
export type Detail = { readonly key: string } & (
  | { readonly kind: 'User'; readonly row: UserRow }
  | { readonly kind: 'Group'; readonly row: GroupRow }
  | { readonly kind: 'Role'; readonly row: RoleRow }
  | { readonly kind: 'LocalManagedPolicy' | 'AWSManagedPolicy'; readonly row: ManagedPolicy }
);

/** A key is the place of its kind in `detailKinds`, a colon, and the key within the kind. */
export async function* detailsAfter(
  context: IamContext,
  kinds: readonly DetailKind[],
  after = '0:',
): AsyncGenerator<Detail> {
  const begun = after.slice(0, 1);
  const last = after.slice(2);
  for (const kind of kinds) {
    const order = String(detailKinds.indexOf(kind));
    if (order < begun) continue;
    yield* detailsOf(context, kind, order, order === begun && last !== '' ? last : undefined);
  }
}

async function* detailsOf(
  context: IamContext,
  kind: DetailKind,
  order: string,
  after: string | undefined,
): AsyncGenerator<Detail> {
  const { store } = context;
  const key = (of: string): string => `${order}:${of}`;
  switch (kind) {
    case 'User':
      for await (const row of store.users.entries(after)) yield { key: key(keyOf(row.name)), kind, row };
      return;
    case 'Group':
      for await (const row of store.groups.entries(after)) yield { key: key(keyOf(row.name)), kind, row };
      return;
    case 'Role':
      for await (const row of store.roles.entries(after)) yield { key: key(keyOf(row.name)), kind, row };
      return;
    case 'LocalManagedPolicy':
      for await (const row of policiesAfter(context, 'Local', after)) {
        yield { key: key(orderOf(row)), kind, row };
      }
      return;
    case 'AWSManagedPolicy':
      for await (const row of policiesAfter(context, 'AWS', after)) {
        const isUsed = (await store.policyCounts.get(row.arn)) !== undefined;
        if (isUsed) yield { key: key(orderOf(row)), kind, row };
      }
  }
}

export async function accountDetails(
  context: IamContext,
  details: readonly Detail[],
): Promise<GetAccountAuthorizationDetailsResponse> {
  const users: UserDetail[] = [];
  const groups: GroupDetail[] = [];
  const roles: RoleDetail[] = [];
  const policies: ManagedPolicyDetail[] = [];
  for (const { kind, row } of details) {
    if (kind === 'User') users.push(await userDetail(context, row));
    else if (kind === 'Group') groups.push(groupDetail(context, row));
    else if (kind === 'Role') roles.push(await roleDetail(context, row));
    else policies.push(await policyDetail(context, row));
  }
  return { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles, Policies: policies };
}

async function userDetail(context: IamContext, row: UserRow): Promise<UserDetail> {
  const names = await Promise.all(row.groups.map((id) => context.store.nameOf(id)));
  return {
    ...userOutput(context, row),
    UserPolicyList: row.inline.map(inlineDetail),
    GroupList: names.flatMap((name) => name ?? []),
    AttachedManagedPolicies: row.attached.map(attachedOutput),
  };
}

function groupDetail(context: IamContext, row: GroupRow): GroupDetail {
  return {
    ...groupOutput(context, row),
    GroupPolicyList: row.inline.map(inlineDetail),
    AttachedManagedPolicies: row.attached.map(attachedOutput),
  };
}

async function roleDetail(context: IamContext, row: RoleRow): Promise<RoleDetail> {
  const profiles = [];
  for await (const profile of profilesOf(context.store, row.name)) {
    profiles.push(await instanceProfileOutput(context, profile));
  }
  return {
    ...roleOutput(context, row),
    InstanceProfileList: profiles,
    RolePolicyList: row.inline.map(inlineDetail),
    AttachedManagedPolicies: row.attached.map(attachedOutput),
  };
}

async function policyDetail(context: IamContext, policy: ManagedPolicy): Promise<ManagedPolicyDetail> {
  const versions = policy.versions.map((version) => versionOutput(version, policy.defaultVersion));
  return { ...(await policyOutput(context, policy)), PolicyVersionList: versions };
}

function inlineDetail({ name, document }: InlinePolicy): PolicyDetail {
  return { PolicyName: name, PolicyDocument: encodeDocument(document) };
}
