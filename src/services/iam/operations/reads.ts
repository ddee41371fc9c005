import type { OperationTable } from '../../../protocol/service.ts';
import type api from '../api.json';
import type { IamContext } from '../context.ts';
import { getAccountAuthorizationDetails } from './get-account-authorization-details.ts';
import { getAccountSummary } from './get-account-summary.ts';
import { getContextKeysForCustomPolicy } from './get-context-keys-for-custom-policy.ts';
import { getContextKeysForPrincipalPolicy } from './get-context-keys-for-principal-policy.ts';
import { getGroupPolicy } from './get-group-policy.ts';
import { getGroup } from './get-group.ts';
import { getInstanceProfile } from './get-instance-profile.ts';
import { getOpenIdConnectProvider } from './get-open-id-connect-provider.ts';
import { getPolicyVersion } from './get-policy-version.ts';
import { getPolicy } from './get-policy.ts';
import { getRolePolicy } from './get-role-policy.ts';
import { getRole } from './get-role.ts';
import { getUserPolicy } from './get-user-policy.ts';
import { getUser } from './get-user.ts';
import { listAccessKeys } from './list-access-keys.ts';
import { listAccountAliases } from './list-account-aliases.ts';
import { listAttachedGroupPolicies } from './list-attached-group-policies.ts';
import { listAttachedRolePolicies } from './list-attached-role-policies.ts';
import { listAttachedUserPolicies } from './list-attached-user-policies.ts';
import { listEntitiesForPolicy } from './list-entities-for-policy.ts';
import { listGroupPolicies } from './list-group-policies.ts';
import { listGroupsForUser } from './list-groups-for-user.ts';
import { listGroups } from './list-groups.ts';
import { listInstanceProfileTags } from './list-instance-profile-tags.ts';
import { listInstanceProfilesForRole } from './list-instance-profiles-for-role.ts';
import { listInstanceProfiles } from './list-instance-profiles.ts';
import { listMfaDevices } from './list-mfa-devices.ts';
import { listOpenIdConnectProviderTags } from './list-open-id-connect-provider-tags.ts';
import { listOpenIdConnectProviders } from './list-open-id-connect-providers.ts';
import { listPolicies } from './list-policies.ts';
import { listPolicyTags } from './list-policy-tags.ts';
import { listPolicyVersions } from './list-policy-versions.ts';
import { listRolePolicies } from './list-role-policies.ts';
import { listRoleTags } from './list-role-tags.ts';
import { listRoles } from './list-roles.ts';
import { listServiceSpecificCredentials } from './list-service-specific-credentials.ts';
import { listSigningCertificates } from './list-signing-certificates.ts';
import { listSshPublicKeys } from './list-ssh-public-keys.ts';
import { listUserPolicies } from './list-user-policies.ts';
import { listUserTags } from './list-user-tags.ts';
import { listUsers } from './list-users.ts';
import { listVirtualMfaDevices } from './list-virtual-mfa-devices.ts';
import { simulateCustomPolicy } from './simulate-custom-policy.ts';
import { simulatePrincipalPolicy } from './simulate-principal-policy.ts';

/**
 * What a machine answers, too, that follows the owner of a shared log. The owner alone knows when keys were last used;
 * operations that always fail are left to it.
 */
export const reads = {
  GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
  GetAccountSummary: getAccountSummary,
  GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy,
  GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy,
  GetGroup: getGroup,
  GetGroupPolicy: getGroupPolicy,
  GetInstanceProfile: getInstanceProfile,
  GetOpenIDConnectProvider: getOpenIdConnectProvider,
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
  ListMFADevices: listMfaDevices,
  ListOpenIDConnectProviderTags: listOpenIdConnectProviderTags,
  ListOpenIDConnectProviders: listOpenIdConnectProviders,
  ListPolicies: listPolicies,
  ListPolicyTags: listPolicyTags,
  ListPolicyVersions: listPolicyVersions,
  ListRolePolicies: listRolePolicies,
  ListRoleTags: listRoleTags,
  ListRoles: listRoles,
  ListSSHPublicKeys: listSshPublicKeys,
  ListServiceSpecificCredentials: listServiceSpecificCredentials,
  ListSigningCertificates: listSigningCertificates,
  ListUserPolicies: listUserPolicies,
  ListUserTags: listUserTags,
  ListUsers: listUsers,
  ListVirtualMFADevices: listVirtualMfaDevices,
  SimulateCustomPolicy: simulateCustomPolicy,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
} satisfies Partial<OperationTable<IamContext, keyof typeof api.operations>>;
