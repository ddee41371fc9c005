/** Bounds of IAM. What one entity may have is AWS's default quota; a server may have more entities than an AWS account. */
export const iamLimits = {
  /** Size of a request. */
  bodyBytesMax: 1024 * 1024,
  /** Number of users. */
  usersMax: 100_000,
  /** Number of groups. */
  groupsMax: 10_000,
  /** Number of roles. */
  rolesMax: 10_000,
  /** Number of managed policies of the account. */
  policiesMax: 10_000,
  /** Number of instance profiles. */
  instanceProfilesMax: 10_000,
  /** Number of OpenID Connect providers. */
  oidcProvidersMax: 100,
  /** Number of client IDs of an OpenID Connect provider. */
  oidcClientIdsMax: 100,
  /** Number of thumbprints of an OpenID Connect provider. */
  oidcThumbprintsMax: 5,
  /** Number of groups that a user is in. */
  groupsPerUserMax: 10,
  /** Number of access keys of a user. */
  accessKeysPerUserMax: 2,
  /** Number of managed policies attached to a user, group or role. */
  policiesAttachedMax: 10,
  /** Number of versions of a managed policy. */
  policyVersionsMax: 5,
  /** Number of tags of an entity. */
  tagsMax: 50,
  /** Items in a page of a list when the request gives no MaxItems. */
  pageItems: 100,
  /** Size of all inline policies of a user together; white space does not count, here and below. */
  userPoliciesCharactersMax: 2_048,
  /** Size of all inline policies of a group together. */
  groupPoliciesCharactersMax: 5_120,
  /** Size of all inline policies of a role together. */
  rolePoliciesCharactersMax: 10_240,
  /** Size of a managed policy. */
  managedPolicyCharactersMax: 6_144,
  /** Size of a trust policy. */
  trustPolicyCharactersMax: 2_048,
  /** Actions times resources of one simulation. */
  simulationsMax: 10_000,
  /** Steps of the comparisons of one simulation; as many as five decisions may take. */
  simulationStepsMax: 5_000_000,
} as const;
