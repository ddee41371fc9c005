import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { IamContext } from '../context.ts';
import { addRoleToInstanceProfile } from './add-role-to-instance-profile.ts';
import { addUserToGroup } from './add-user-to-group.ts';
import { attachGroupPolicy } from './attach-group-policy.ts';
import { attachRolePolicy } from './attach-role-policy.ts';
import { attachUserPolicy } from './attach-user-policy.ts';
import { createAccessKey } from './create-access-key.ts';
import { createAccountAlias } from './create-account-alias.ts';
import { createGroup } from './create-group.ts';
import { createInstanceProfile } from './create-instance-profile.ts';
import { createPolicy } from './create-policy.ts';
import { createPolicyVersion } from './create-policy-version.ts';
import { createRole } from './create-role.ts';
import { createUser } from './create-user.ts';
import { deleteAccessKey } from './delete-access-key.ts';
import { deleteAccountAlias } from './delete-account-alias.ts';
import { deleteGroup } from './delete-group.ts';
import { deleteGroupPolicy } from './delete-group-policy.ts';
import { deleteInstanceProfile } from './delete-instance-profile.ts';
import { deletePolicy } from './delete-policy.ts';
import { deletePolicyVersion } from './delete-policy-version.ts';
import { deleteRole } from './delete-role.ts';
import { deleteRolePermissionsBoundary } from './delete-role-permissions-boundary.ts';
import { deleteRolePolicy } from './delete-role-policy.ts';
import { deleteUser } from './delete-user.ts';
import { deleteUserPermissionsBoundary } from './delete-user-permissions-boundary.ts';
import { deleteUserPolicy } from './delete-user-policy.ts';
import { detachGroupPolicy } from './detach-group-policy.ts';
import { detachRolePolicy } from './detach-role-policy.ts';
import { detachUserPolicy } from './detach-user-policy.ts';
import { getAccessKeyLastUsed } from './get-access-key-last-used.ts';
import { getAccountSummary } from './get-account-summary.ts';
import { getContextKeysForCustomPolicy } from './get-context-keys-for-custom-policy.ts';
import { getContextKeysForPrincipalPolicy } from './get-context-keys-for-principal-policy.ts';
import { getGroup } from './get-group.ts';
import { getGroupPolicy } from './get-group-policy.ts';
import { getInstanceProfile } from './get-instance-profile.ts';
import { getPolicy } from './get-policy.ts';
import { getPolicyVersion } from './get-policy-version.ts';
import { getRole } from './get-role.ts';
import { getRolePolicy } from './get-role-policy.ts';
import { getUser } from './get-user.ts';
import { getUserPolicy } from './get-user-policy.ts';
import { listAccessKeys } from './list-access-keys.ts';
import { listAccountAliases } from './list-account-aliases.ts';
import { listAttachedGroupPolicies } from './list-attached-group-policies.ts';
import { listAttachedRolePolicies } from './list-attached-role-policies.ts';
import { listAttachedUserPolicies } from './list-attached-user-policies.ts';
import { listEntitiesForPolicy } from './list-entities-for-policy.ts';
import { listGroupPolicies } from './list-group-policies.ts';
import { listGroups } from './list-groups.ts';
import { listGroupsForUser } from './list-groups-for-user.ts';
import { listInstanceProfileTags } from './list-instance-profile-tags.ts';
import { listInstanceProfiles } from './list-instance-profiles.ts';
import { listInstanceProfilesForRole } from './list-instance-profiles-for-role.ts';
import { listPolicies } from './list-policies.ts';
import { listPolicyTags } from './list-policy-tags.ts';
import { listPolicyVersions } from './list-policy-versions.ts';
import { listRolePolicies } from './list-role-policies.ts';
import { listRoleTags } from './list-role-tags.ts';
import { listRoles } from './list-roles.ts';
import { listUserPolicies } from './list-user-policies.ts';
import { listUserTags } from './list-user-tags.ts';
import { listUsers } from './list-users.ts';
import { putGroupPolicy } from './put-group-policy.ts';
import { putRolePermissionsBoundary } from './put-role-permissions-boundary.ts';
import { putRolePolicy } from './put-role-policy.ts';
import { putUserPermissionsBoundary } from './put-user-permissions-boundary.ts';
import { putUserPolicy } from './put-user-policy.ts';
import { removeRoleFromInstanceProfile } from './remove-role-from-instance-profile.ts';
import { removeUserFromGroup } from './remove-user-from-group.ts';
import { setDefaultPolicyVersion } from './set-default-policy-version.ts';
import { simulateCustomPolicy } from './simulate-custom-policy.ts';
import { simulatePrincipalPolicy } from './simulate-principal-policy.ts';
import { tagInstanceProfile } from './tag-instance-profile.ts';
import { tagPolicy } from './tag-policy.ts';
import { tagRole } from './tag-role.ts';
import { tagUser } from './tag-user.ts';
import { untagInstanceProfile } from './untag-instance-profile.ts';
import { untagPolicy } from './untag-policy.ts';
import { untagRole } from './untag-role.ts';
import { untagUser } from './untag-user.ts';
import { updateAccessKey } from './update-access-key.ts';
import { updateAssumeRolePolicy } from './update-assume-role-policy.ts';
import { updateGroup } from './update-group.ts';
import { updateRole } from './update-role.ts';
import { updateRoleDescription } from './update-role-description.ts';
import { updateUser } from './update-user.ts';

type OperationName = keyof typeof api.operations;

/** Operations of IAM; the ones nagare does not have are in unsupported.json. */
export const operations = {
  AddRoleToInstanceProfile: addRoleToInstanceProfile,
  AddUserToGroup: addUserToGroup,
  AttachGroupPolicy: attachGroupPolicy,
  AttachRolePolicy: attachRolePolicy,
  AttachUserPolicy: attachUserPolicy,
  CreateAccessKey: createAccessKey,
  CreateAccountAlias: createAccountAlias,
  CreateGroup: createGroup,
  CreateInstanceProfile: createInstanceProfile,
  CreatePolicy: createPolicy,
  CreatePolicyVersion: createPolicyVersion,
  CreateRole: createRole,
  CreateUser: createUser,
  DeleteAccessKey: deleteAccessKey,
  DeleteAccountAlias: deleteAccountAlias,
  DeleteGroup: deleteGroup,
  DeleteGroupPolicy: deleteGroupPolicy,
  DeleteInstanceProfile: deleteInstanceProfile,
  DeletePolicy: deletePolicy,
  DeletePolicyVersion: deletePolicyVersion,
  DeleteRole: deleteRole,
  DeleteRolePermissionsBoundary: deleteRolePermissionsBoundary,
  DeleteRolePolicy: deleteRolePolicy,
  DeleteUser: deleteUser,
  DeleteUserPermissionsBoundary: deleteUserPermissionsBoundary,
  DeleteUserPolicy: deleteUserPolicy,
  DetachGroupPolicy: detachGroupPolicy,
  DetachRolePolicy: detachRolePolicy,
  DetachUserPolicy: detachUserPolicy,
  GetAccessKeyLastUsed: getAccessKeyLastUsed,
  GetAccountSummary: getAccountSummary,
  GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy,
  GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy,
  GetGroup: getGroup,
  GetGroupPolicy: getGroupPolicy,
  GetInstanceProfile: getInstanceProfile,
  GetPolicy: getPolicy,
  GetPolicyVersion: getPolicyVersion,
  GetRole: getRole,
  GetRolePolicy: getRolePolicy,
  GetUser: getUser,
  GetUserPolicy: getUserPolicy,
  ListAccessKeys: listAccessKeys,
  ListAccountAliases: listAccountAliases,
  ListAttachedGroupPolicies: listAttachedGroupPolicies,
  ListAttachedRolePolicies: listAttachedRolePolicies,
  ListAttachedUserPolicies: listAttachedUserPolicies,
  ListEntitiesForPolicy: listEntitiesForPolicy,
  ListGroupPolicies: listGroupPolicies,
  ListGroups: listGroups,
  ListGroupsForUser: listGroupsForUser,
  ListInstanceProfileTags: listInstanceProfileTags,
  ListInstanceProfiles: listInstanceProfiles,
  ListInstanceProfilesForRole: listInstanceProfilesForRole,
  ListPolicies: listPolicies,
  ListPolicyTags: listPolicyTags,
  ListPolicyVersions: listPolicyVersions,
  ListRolePolicies: listRolePolicies,
  ListRoleTags: listRoleTags,
  ListRoles: listRoles,
  ListUserPolicies: listUserPolicies,
  ListUserTags: listUserTags,
  ListUsers: listUsers,
  PutGroupPolicy: putGroupPolicy,
  PutRolePermissionsBoundary: putRolePermissionsBoundary,
  PutRolePolicy: putRolePolicy,
  PutUserPermissionsBoundary: putUserPermissionsBoundary,
  PutUserPolicy: putUserPolicy,
  RemoveRoleFromInstanceProfile: removeRoleFromInstanceProfile,
  RemoveUserFromGroup: removeUserFromGroup,
  SetDefaultPolicyVersion: setDefaultPolicyVersion,
  SimulateCustomPolicy: simulateCustomPolicy,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  TagInstanceProfile: tagInstanceProfile,
  TagPolicy: tagPolicy,
  TagRole: tagRole,
  TagUser: tagUser,
  UntagInstanceProfile: untagInstanceProfile,
  UntagPolicy: untagPolicy,
  UntagRole: untagRole,
  UntagUser: untagUser,
  UpdateAccessKey: updateAccessKey,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
  UpdateGroup: updateGroup,
  UpdateRole: updateRole,
  UpdateRoleDescription: updateRoleDescription,
  UpdateUser: updateUser,
} satisfies OperationTable<IamContext, OperationName>;
