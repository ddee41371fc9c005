import {
  type Authorization,
  type AuthorizationRule,
  type Caller,
  type Need,
  onAll,
  openToAll,
  requestTagList,
} from '../../protocol/authorization.ts';
import type { Identities } from '../iam/identities.ts';
import type api from './api.json';
import { accessDenied } from './errors.ts';

interface AssumeRoleInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly ExternalId?: string;
  readonly SourceIdentity?: string;
  readonly TransitiveTagKeys?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/**
 * What the operations of STS need (service authorization reference, AWS Security Token Service). A role's trust policy
 * must allow that it is assumed; everyone may ask who they are, and get temporary credentials of their own.
 */
export function stsAuthorization(identities: Identities): Authorization {
  const rules = {
    AssumeRole: assumeRoleNeeds,
    // The token and the role's trust policy authorize it.
    AssumeRoleWithWebIdentity: openToAll,
    GetAccessKeyInfo: onAll,
    GetCallerIdentity: openToAll,
    GetSessionToken: openToAll,
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return {
    prefix: 'sts',
    rules,
    tagsOf: async (arn) => (await identities.role(arn))?.tags,
    refuseUserSession: (operation) =>
      forUserSessions.has(operation)
        ? undefined
        : accessDenied(`Cannot call ${operation} with session credentials`),
  };
}

/** What the credentials of GetSessionToken may call, as on AWS. */
const forUserSessions = new Set(['AssumeRole', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity']);

function assumeRoleNeeds(input: AssumeRoleInput, { identity }: Caller): Need[] {
  const { RoleArn: resource, Tags, TransitiveTagKeys } = input;
  // A session hands its source identity on, which the next role must allow too.
  const SourceIdentity = identity.session?.sourceIdentity ?? input.SourceIdentity;
  const keys = {
    'sts:externalid': input.ExternalId,
    'sts:rolesessionname': input.RoleSessionName,
    'sts:sourceidentity': SourceIdentity,
    'sts:transitivetagkeys': TransitiveTagKeys,
    ...requestTagList(Tags),
  };
  const isTrusted = true;
  return [
    { resource, keys, isTrusted },
    ...(Tags === undefined ? [] : [{ action: 'sts:TagSession', resource, keys, isTrusted }]),
    ...(SourceIdentity === undefined ? [] : [{ action: 'sts:SetSourceIdentity', resource, keys, isTrusted }]),
  ];
}
