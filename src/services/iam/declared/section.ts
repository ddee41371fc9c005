import type { CreatePolicyRequest, CreateRoleRequest, CreateUserRequest } from '@aws-sdk/client-iam';
import { section } from '../../../config/declarations.ts';
import {
  described,
  fields,
  listOf,
  namesTo,
  optional,
  required,
  text,
  type ValueOf,
  withDefault,
} from '../../../config/yaml-reader.ts';
import { ModelInput, pairs } from '../../../declarations/model-reader.ts';
import { policyDocument } from '../../../declarations/policy-reader.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };

const shapes = { tagListType: pairs('Key') };

const policyName = text('the name or the ARN of a policy');

const ownPolicies = {
  attachedPolicies: optional(
    described('Names of managed policies, or ARNs; exactly these are attached', listOf(policyName)),
  ),
  inlinePolicies: optional(described('Inline policies by name; exactly these', namesTo(policyDocument))),
};

const boundary = optional(
  described('Name or ARN of the policy that is the permissions boundary', policyName),
);

const policy = new ModelInput<Checked<CreatePolicyRequest>>(api, 'CreatePolicyRequest', shapes).reader({
  members: ['Path', 'Description', 'Tags'],
  own: {
    document: required(
      described('The policy, as a map or as JSON; a changed one becomes a new version', policyDocument),
    ),
  },
});

const group = fields({
  path: optional(described('Path of CreateGroup', text())),
  ...ownPolicies,
});

const role = new ModelInput<Checked<CreateRoleRequest>>(api, 'CreateRoleRequest', shapes).reader({
  members: ['Path', 'Description', 'MaxSessionDuration', 'Tags'],
  own: {
    assumeRolePolicyDocument: required(described('The trust policy, as a map or as JSON', policyDocument)),
    permissionsBoundary: boundary,
    ...ownPolicies,
  },
});

const secret = fields({
  environment: optional(described('The environment variable that holds it', text())),
  file: optional(described('The file that holds it, relative to nagare.yaml', text())),
});

const accessKey = fields({
  secretAccessKey: required(described('The secret, from one of these', secret)),
});

const user = new ModelInput<Checked<CreateUserRequest>>(api, 'CreateUserRequest', shapes).reader({
  members: ['Path', 'Tags'],
  own: {
    groups: optional(described('Names of groups; the user is in exactly these', listOf(text()))),
    permissionsBoundary: boundary,
    ...ownPolicies,
    accessKeys: withDefault(described('Access keys by their IDs', namesTo(accessKey)), {}),
  },
});

export const policiesSection = section('policies', policy);
export const groupsSection = section('groups', group);
export const rolesSection = section('roles', role);
export const usersSection = section('users', user);

export type DeclaredPolicy = ValueOf<typeof policy>;
export type DeclaredGroup = ValueOf<typeof group>;
export type DeclaredRole = ValueOf<typeof role>;
export type DeclaredUser = ValueOf<typeof user>;
export type DeclaredSecret = ValueOf<typeof secret>;

/** What users, groups and roles may declare of their policies. */
export interface DeclaredPolicies {
  readonly attachedPolicies?: readonly string[];
  readonly inlinePolicies?: Readonly<Record<string, string>>;
  readonly permissionsBoundary?: string;
}
