import type { PrincipalPattern, Selection } from './document.ts';

/** The principal of a request, as policies see it. */
export interface PolicyPrincipal {
  readonly kind: 'root' | 'user' | 'assumed-role' | 'service' | 'federated' | 'anonymous';
  /** Empty for services, owners of web identity tokens, and anonymous callers. */
  readonly accountId: string;
  /** The ARN of the user, the session or the token's provider; a service's name, such as `lambda.amazonaws.com`. */
  readonly arn: string;
  /** Of a session. */
  readonly roleArn?: string;
}

/**
 * What a resource policy gives to a principal that it names: `direct` (a user, a session, a service) is independent of
 * the principal's own policies, `limited` (a role, everyone) is still cut by boundaries and session policies, `account`
 * leaves the decision to the policies of the account.
 */
export type Grant = 'direct' | 'limited' | 'account';

const strongestFirst: readonly Grant[] = ['direct', 'limited', 'account'];

/** Undefined if the selection does not include the principal. */
export function grantTo(
  { negated, patterns }: Selection<PrincipalPattern>,
  principal: PolicyPrincipal,
): Grant | undefined {
  const grants = patterns.map((pattern) => grantOf(pattern, principal));
  const strongest = strongestFirst.find((grant) => grants.includes(grant));
  if (negated) return strongest === undefined ? 'limited' : undefined;
  return strongest;
}

function grantOf({ type, value }: PrincipalPattern, principal: PolicyPrincipal): Grant | undefined {
  if (type === '*') return 'limited';
  if (type === 'Service') {
    return principal.kind === 'service' && (value === '*' || value === principal.arn) ? 'direct' : undefined;
  }
  if (type === 'Federated') {
    return principal.kind === 'federated' && value === principal.arn ? 'direct' : undefined;
  }
  // Canonical users do not call.
  if (type !== 'AWS') return undefined;
  // `{"AWS": "*"}` means the same as `"*"`: everyone, services and anonymous callers included.
  if (value === '*') return 'limited';
  const { kind } = principal;
  if (kind === 'service' || kind === 'federated' || kind === 'anonymous') return undefined;
  if (value === principal.arn) return 'direct';
  if (value === principal.roleArn) return 'limited';
  return accountOf(value) === principal.accountId ? 'account' : undefined;
}

/** The account that a principal stands for as a whole. */
function accountOf(value: string): string | undefined {
  return /^(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1];
}
