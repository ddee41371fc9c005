import type { Permission } from './permission.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import type { Identity } from '../identity.ts';
import type { ApplicablePolicies, Evaluation } from '../policy/evaluate.ts';

/** The kind of policy that denied a request, or that allows too little. */
export interface Reason {
  readonly kind: 'explicit' | 'implicit';
  readonly policy:
    | 'identity-based policy'
    | 'resource-based policy'
    | 'permissions boundary'
    | 'session policy'
    | 'role trust policy';
}

/** Why a request is denied, in the order in which AWS looks at the kinds of policies. */
export function reasonOf(evaluation: Evaluation, policies: ApplicablePolicies): Reason {
  const { decision, allowedByIdentity, allowedByBoundary, allowedBySession } = evaluation;
  if (decision === 'explicitDeny') return { kind: 'explicit', policy: denying(evaluation, policies) };
  if (allowedByIdentity && allowedByBoundary === false) {
    return { kind: 'implicit', policy: 'permissions boundary' };
  }
  if (allowedByIdentity && allowedBySession === false) return { kind: 'implicit', policy: 'session policy' };
  return { kind: 'implicit', policy: 'identity-based policy' };
}

/** The same for a permission that needs a role's trust policy, which is the resource's policy. */
export function trustReasonOf(evaluation: Evaluation, policies: ApplicablePolicies): Reason {
  const { kind, policy } = reasonOf(evaluation, policies);
  const isTrust =
    policy === 'resource-based policy' || (kind === 'implicit' && !evaluation.allowedByResource);
  return { kind, policy: isTrust ? 'role trust policy' : policy };
}

function denying({ matched }: Evaluation, policies: ApplicablePolicies): Reason['policy'] {
  const isIn = (list: readonly CompiledPolicy[] | undefined): boolean =>
    matched.some(({ policy, statement }) => statement.effect === 'Deny' && list?.includes(policy) === true);
  if (policies.resource !== undefined && isIn([policies.resource])) return 'resource-based policy';
  if (isIn(policies.identity)) return 'identity-based policy';
  return isIn(policies.boundary) ? 'permissions boundary' : 'session policy';
}

/** `because no identity-based policy allows the kinesis:PutRecord action`. */
function reasonText({ kind, policy }: Reason, action: string): string {
  if (kind === 'implicit') return `because no ${policy} allows the ${action} action`;
  const article = policy === 'identity-based policy' ? 'an' : policy === 'role trust policy' ? 'the' : 'a';
  return `with an explicit deny in ${article} ${policy}`;
}

/** The permission that a request lacks. */
export interface Denied {
  readonly permission: Permission;
  readonly reason: Reason;
}

/** AWS's message. S3 puts the resource in quotation marks. */
export function denialMessage(denied: Denied, { kind, arn }: Identity, quote = ''): string {
  return denialText(denied, `User: ${kind === 'anonymous' ? 'anonymous' : arn}`, quote);
}

/** The message for a service that acts for a resource. */
export function denialOfResource(denied: Denied, arn: string): string {
  return denialText(denied, `Resource: ${arn}`);
}

function denialText({ permission, reason }: Denied, who: string, quote = ''): string {
  const { action, resource } = permission;
  return `${who} is not authorized to perform: ${action} on resource: ${quote}${resource}${quote} ${reasonText(reason, action)}`;
}
