import type { CompiledPolicy, CompiledStatement, PolicyRequest } from './compiled-policy.ts';
import { TooManyStepsError } from './comparison-steps.ts';
import type { Grant } from './principal.ts';

/** The policies that apply to a request. */
export interface ApplicablePolicies {
  /** Of the principal and its groups. */
  readonly identity: readonly CompiledPolicy[];
  /** The principal's permissions boundary; undefined without one. */
  readonly boundary?: readonly CompiledPolicy[] | undefined;
  /** The session's policies; undefined if the session was made without any. */
  readonly session?: readonly CompiledPolicy[] | undefined;
  readonly resource?: CompiledPolicy | undefined;
  /** The account that owns the resource. */
  readonly resourceAccountId: string;
}

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface Evaluation {
  readonly decision: Decision;
  /** The statements that decided, with the policies that have them. */
  readonly matched: readonly MatchedStatement[];
  readonly allowedByIdentity: boolean;
  /** Undefined without a boundary. */
  readonly allowedByBoundary: boolean | undefined;
  /** Undefined without session policies. */
  readonly allowedBySession: boolean | undefined;
  /** Whether the resource's policy names the principal, its role, its account or everyone. */
  readonly allowedByResource: boolean;
}

export interface MatchedStatement {
  readonly policy: CompiledPolicy;
  readonly statement: CompiledStatement;
}

/**
 * Decides as AWS does: an explicit deny wins. Otherwise, within an account, an allow of the identity's or of the
 * resource's policies is enough, across accounts both must allow. A permissions boundary and a session policy limit
 * what the identity's policies allow. A decision that takes more than `decisionStepsMax` steps is a denial.
 */
export function evaluate(request: PolicyRequest, policies: ApplicablePolicies): Evaluation {
  try {
    return evaluateAll(request, policies);
  } catch (error) {
    if (error instanceof TooManyStepsError) return undecided(policies);
    throw error;
  }
}

/** What could not be decided is not allowed. */
function undecided({ boundary, session }: ApplicablePolicies): Evaluation {
  return {
    decision: 'implicitDeny',
    matched: [],
    allowedByIdentity: false,
    allowedByBoundary: boundary && false,
    allowedBySession: session && false,
    allowedByResource: false,
  };
}

function evaluateAll(request: PolicyRequest, policies: ApplicablePolicies): Evaluation {
  const { identity, boundary, session, resource } = policies;
  const resourceRules = applying(resource === undefined ? [] : [resource], request);
  const identityRules = applying(identity, request);
  const boundaryRules = boundary && applying(boundary, request);
  const sessionRules = session && applying(session, request);
  const allows = {
    allowedByIdentity: identityRules.some(isAllow),
    allowedByBoundary: boundaryRules?.some(isAllow),
    allowedBySession: sessionRules?.some(isAllow),
    allowedByResource: resourceRules.some(isAllow),
  };
  const { allowedByIdentity, allowedByBoundary, allowedBySession } = allows;
  const all = [...identityRules, ...resourceRules, ...(boundaryRules ?? []), ...(sessionRules ?? [])];
  const denies = all.filter((rule) => !isAllow(rule));
  if (denies.length > 0) {
    const isDenied = boundaryRules?.some((rule) => !isAllow(rule)) === true;
    return {
      ...allows,
      decision: 'explicitDeny',
      matched: denies,
      allowedByBoundary: isDenied ? false : allowedByBoundary,
    };
  }
  const isAllowed = decide(request, policies, {
    identity: allowedByIdentity,
    limits: allowedByBoundary !== false && allowedBySession !== false,
    grants: resourceRules.map(({ grant }) => grant),
  });
  return {
    ...allows,
    decision: isAllowed ? 'allowed' : 'implicitDeny',
    matched: [...identityRules, ...resourceRules],
  };
}

interface Rule extends MatchedStatement {
  readonly grant: Grant;
}

function isAllow({ statement }: Rule): boolean {
  return statement.effect === 'Allow';
}

/** Of a statement that covers the action, besides its comparisons. */
const STATEMENT_STEPS = 10;

function applying(policies: readonly CompiledPolicy[], request: PolicyRequest): readonly Rule[] {
  const rules: Rule[] = [];
  for (const policy of policies) {
    for (const statement of policy.about(request.action, request.context)) {
      request.context.steps.spend(STATEMENT_STEPS);
      const grant = statement.apply(request);
      if (grant !== undefined) rules.push({ policy, statement, grant });
    }
  }
  return rules;
}

/** What the policies say, without explicit denies. */
interface Allows {
  readonly identity: boolean;
  /** Whether boundary and session policy let the action through. */
  readonly limits: boolean;
  /** What the resource's policy gives. */
  readonly grants: readonly Grant[];
}

function decide(
  { principal }: PolicyRequest,
  { resourceAccountId }: ApplicablePolicies,
  { identity, limits, grants }: Allows,
): boolean {
  const { kind, accountId } = principal;
  if (kind === 'service' || kind === 'federated' || kind === 'anonymous') return grants.length > 0;
  const isAllowedItself = kind === 'root' || (identity && limits);
  if (accountId !== resourceAccountId) return isAllowedItself && grants.length > 0;
  return isAllowedItself || grants.includes('direct') || (limits && grants.includes('limited'));
}
