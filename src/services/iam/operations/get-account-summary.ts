import type { GetAccountSummaryResponse } from '@aws-sdk/client-iam';
import type { IamContext } from '../context.ts';
import { iamLimits } from '../limits.ts';

/** Returns how many users, groups, roles, policies and instance profiles there are, and the quotas. */
export function getAccountSummary(context: IamContext): Promise<GetAccountSummaryResponse> {
  const { counts } = context.store;
  return Promise.resolve({
    SummaryMap: {
      Users: counts.user,
      UsersQuota: iamLimits.usersMax,
      Groups: counts.group,
      GroupsQuota: iamLimits.groupsMax,
      Roles: counts.role,
      RolesQuota: iamLimits.rolesMax,
      Policies: counts.policy,
      PoliciesQuota: iamLimits.policiesMax,
      InstanceProfiles: counts['instance-profile'],
      InstanceProfilesQuota: iamLimits.instanceProfilesMax,
      GroupsPerUserQuota: iamLimits.groupsPerUserMax,
      AccessKeysPerUserQuota: iamLimits.accessKeysPerUserMax,
      AttachedPoliciesPerUserQuota: iamLimits.policiesAttachedMax,
      AttachedPoliciesPerGroupQuota: iamLimits.policiesAttachedMax,
      AttachedPoliciesPerRoleQuota: iamLimits.policiesAttachedMax,
      VersionsPerPolicyQuota: iamLimits.policyVersionsMax,
      UserPolicySizeQuota: iamLimits.userPoliciesCharactersMax,
      GroupPolicySizeQuota: iamLimits.groupPoliciesCharactersMax,
      RolePolicySizeQuota: iamLimits.rolePoliciesCharactersMax,
      PolicySizeQuota: iamLimits.managedPolicyCharactersMax,
      AssumeRolePolicySizeQuota: iamLimits.trustPolicyCharactersMax,
    },
  });
}
