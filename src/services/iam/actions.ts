import {
  type Authorization,
  type AuthorizationRule,
  type Caller,
  creationOf,
  type Need,
  onAll,
  passRole,
  requestTagList,
  rulesFor,
  tagKeys,
} from '../../protocol/authorization.ts';
import { invalidSessionToken } from './errors.ts';
import type api from './api.json';
import type { IamContext } from './context.ts';
import { EntityArns } from './entity-arns.ts';
import { issuerOf, issuerOfUrl, oidcProviderArn } from './oidc-providers.ts';
import type { EntityKind } from './writes.ts';

type TagList = readonly { readonly Key: string; readonly Value: string }[];

/** What the inputs of IAM's operations have in common. */
interface IamInput {
  readonly UserName?: string;
  readonly GroupName?: string;
  readonly RoleName?: string;
  readonly PolicyName?: string;
  readonly InstanceProfileName?: string;
  readonly NewUserName?: string;
  readonly NewGroupName?: string;
  readonly NewPath?: string;
  readonly Path?: string;
  readonly PolicyArn?: string;
  readonly PolicySourceArn?: string;
  readonly PermissionsBoundary?: string;
  readonly AccessKeyId?: string;
  readonly OpenIDConnectProviderArn?: string;
  readonly Url?: string;
  readonly Tags?: TagList;
  readonly TagKeys?: readonly string[];
}

type IamRule = (input: IamInput, caller: Caller) => Need[] | Promise<Need[]>;

const onPolicy: AuthorizationRule = ({ PolicyArn = '*', Tags, TagKeys }: IamInput) => ({
  resource: PolicyArn,
  keys: { ...requestTagList(Tags), ...tagKeys(TagKeys) },
});

const operationsOn = {
  user: [
    'AttachUserPolicy',
    'CreateAccessKey',
    'DeleteAccessKey',
    'DeleteLoginProfile',
    'DeleteUser',
    'DeleteUserPermissionsBoundary',
    'DeleteUserPolicy',
    'DetachUserPolicy',
    'GetLoginProfile',
    'GetUser',
    'GetUserPolicy',
    'ListAccessKeys',
    'ListAttachedUserPolicies',
    'ListGroupsForUser',
    'ListMFADevices',
    'ListSSHPublicKeys',
    'ListServiceSpecificCredentials',
    'ListSigningCertificates',
    'ListUserPolicies',
    'ListUserTags',
    'PutUserPermissionsBoundary',
    'PutUserPolicy',
    'TagUser',
    'UntagUser',
    'UpdateAccessKey',
  ],
  group: [
    'AddUserToGroup',
    'AttachGroupPolicy',
    'DeleteGroup',
    'DeleteGroupPolicy',
    'DetachGroupPolicy',
    'GetGroup',
    'GetGroupPolicy',
    'ListAttachedGroupPolicies',
    'ListGroupPolicies',
    'PutGroupPolicy',
    'RemoveUserFromGroup',
  ],
  role: [
    'AttachRolePolicy',
    'DeleteRole',
    'DeleteRolePermissionsBoundary',
    'DeleteRolePolicy',
    'DetachRolePolicy',
    'GetRole',
    'GetRolePolicy',
    'ListAttachedRolePolicies',
    'ListInstanceProfilesForRole',
    'ListRolePolicies',
    'ListRoleTags',
    'PutRolePermissionsBoundary',
    'PutRolePolicy',
    'TagRole',
    'UntagRole',
    'UpdateAssumeRolePolicy',
    'UpdateRole',
    'UpdateRoleDescription',
  ],
  profile: [
    'DeleteInstanceProfile',
    'GetInstanceProfile',
    'ListInstanceProfileTags',
    'RemoveRoleFromInstanceProfile',
    'TagInstanceProfile',
    'UntagInstanceProfile',
  ],
  policy: [
    'CreatePolicyVersion',
    'DeletePolicy',
    'DeletePolicyVersion',
    'GetPolicy',
    'GetPolicyVersion',
    'ListEntitiesForPolicy',
    'ListPolicyTags',
    'ListPolicyVersions',
    'SetDefaultPolicyVersion',
    'TagPolicy',
    'UntagPolicy',
  ],
  all: [
    'CreateAccountAlias',
    'DeleteAccountAlias',
    'GetAccountAuthorizationDetails',
    'GetAccountPasswordPolicy',
    'GetAccountSummary',
    'GetContextKeysForCustomPolicy',
    'ListAccountAliases',
    'ListGroups',
    'ListInstanceProfiles',
    'ListOpenIDConnectProviders',
    'ListPolicies',
    'ListRoles',
    'ListUsers',
    'ListVirtualMFADevices',
    'SimulateCustomPolicy',
  ],
  provider: [
    'AddClientIDToOpenIDConnectProvider',
    'DeleteOpenIDConnectProvider',
    'GetOpenIDConnectProvider',
    'ListOpenIDConnectProviderTags',
    'RemoveClientIDFromOpenIDConnectProvider',
    'TagOpenIDConnectProvider',
    'UntagOpenIDConnectProvider',
    'UpdateOpenIDConnectProviderThumbprint',
  ],
} as const;

/** What the operations of IAM need (service authorization reference, AWS Identity and Access Management). */
export function iamAuthorization(context: IamContext): Authorization {
  const arns = new EntityArns(context);
  const onUser = existing(arns, 'user', 'UserName');
  const onGroup = existing(arns, 'group', 'GroupName');
  const onRole = existing(arns, 'role', 'RoleName');
  const onProfile = existing(arns, 'instance-profile', 'InstanceProfileName');
  const onProvider: AuthorizationRule = ({ OpenIDConnectProviderArn = '', Tags, TagKeys }: IamInput) => ({
    resource: oidcProviderArn(context, issuerOf(context, OpenIDConnectProviderArn)),
    keys: { ...requestTagList(Tags), ...tagKeys(TagKeys) },
  });
  const rules = {
    ...rulesFor(onUser, operationsOn.user),
    ...rulesFor(onProvider, operationsOn.provider),
    ...rulesFor(onGroup, operationsOn.group),
    ...rulesFor(onRole, operationsOn.role),
    ...rulesFor(onProfile, operationsOn.profile),
    ...rulesFor(onPolicy, operationsOn.policy),
    ...rulesFor(onAll, operationsOn.all),
    AddRoleToInstanceProfile: async (input: IamInput, caller: Caller) => [
      ...(await onProfile(input, caller)),
      ...passRole(await arns.of('role', input.RoleName ?? ''), 'ec2.amazonaws.com'),
    ],
    CreateGroup: added(arns, 'group', 'GroupName'),
    CreateInstanceProfile: added(arns, 'instance-profile', 'InstanceProfileName'),
    CreatePolicy: added(arns, 'policy', 'PolicyName'),
    CreateOpenIDConnectProvider: ({ Url = '', Tags }: IamInput) =>
      creationOf(
        oidcProviderArn(context, issuerOfUrl(Url)),
        requestTagList(Tags),
        'iam:TagOpenIDConnectProvider',
      ),
    CreateRole: added(arns, 'role', 'RoleName'),
    CreateUser: added(arns, 'user', 'UserName'),
    GetAccessKeyLastUsed: async ({ AccessKeyId = '' }: IamInput) => await arns.ofOwner(AccessKeyId),
    GetContextKeysForPrincipalPolicy: ({ PolicySourceArn = '*' }: IamInput) => PolicySourceArn,
    SimulatePrincipalPolicy: ({ PolicySourceArn = '*' }: IamInput) => PolicySourceArn,
    UpdateGroup: renamed(onGroup, arns, 'group'),
    UpdateUser: renamed(onUser, arns, 'user'),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return {
    prefix: 'iam',
    rules,
    tagsOf: (arn) => arns.tagsOf(arn),
    // As on AWS without MFA.
    refuseUserSession: () => invalidSessionToken(),
  };
}

type NameMember = 'UserName' | 'GroupName' | 'RoleName' | 'PolicyName' | 'InstanceProfileName';

/** A rule for an entity that may exist: a user is by default the caller. */
function existing(arns: EntityArns, kind: EntityKind, member: NameMember): IamRule {
  return async (input, caller) => {
    const name = input[member] ?? (kind === 'user' ? caller.identity.userName : undefined);
    const resource = name === undefined ? '*' : await arns.of(kind, name);
    const { PermissionsBoundary, PolicyArn, Tags, TagKeys } = input;
    const keys = {
      'iam:permissionsboundary': PermissionsBoundary ?? (name && (await arns.boundaryOf(kind, name))),
      'iam:policyarn': PolicyArn,
      ...requestTagList(Tags),
      ...tagKeys(TagKeys),
    };
    return [{ resource, keys }];
  };
}

function added(arns: EntityArns, kind: EntityKind, member: NameMember): IamRule {
  return (input) => {
    const { Path, PermissionsBoundary, Tags } = input;
    const resource = arns.withPath(kind, input[member] ?? '', Path);
    const keys = { 'iam:permissionsboundary': PermissionsBoundary };
    return creationOf(resource, requestTagList(Tags), `iam:Tag${member.replace(/Name$/, '')}`, keys);
  };
}

/** Renaming needs the action for both names, as on AWS. */
function renamed(rule: IamRule, arns: EntityArns, kind: 'user' | 'group'): IamRule {
  return async (input, caller) => {
    const { NewUserName, NewGroupName, NewPath } = input;
    const name = kind === 'user' ? NewUserName : NewGroupName;
    const needs = await rule(input, caller);
    if (name === undefined && NewPath === undefined) return needs;
    const present = (kind === 'user' ? input.UserName : input.GroupName) ?? '';
    const path = NewPath ?? (await arns.pathOf(kind, present));
    return [...needs, { resource: arns.withPath(kind, name ?? present, path) }];
  };
}
