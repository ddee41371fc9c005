import type { PrincipalPattern } from './document.ts';
import { MalformedPolicyError, syntaxError } from './errors.ts';

/** Parses a Principal or NotPrincipal element. Whether the principals exist is not checked. */
export function parsePrincipals(given: unknown): readonly PrincipalPattern[] {
  if (given === '*') return [{ type: '*', value: '*' }];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw syntaxError();
  const patterns = Object.entries(given).flatMap(([type, values]) => patternsOf(type, values));
  if (patterns.length === 0)
    throw new MalformedPolicyError('Missing required field Principal cannot be empty!');
  return patterns;
}

function patternsOf(type: string, given: unknown): PrincipalPattern[] {
  if (type !== 'AWS' && type !== 'Service' && type !== 'Federated' && type !== 'CanonicalUser') {
    throw syntaxError();
  }
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.map((value) => {
    if (typeof value !== 'string') throw syntaxError();
    if (!forms[type].test(value)) {
      throw new MalformedPolicyError(`Invalid principal in policy: "${type}":"${value}"`);
    }
    return { type, value };
  });
}

/** Accounts, users, roles and sessions; IDs stand for principals that were deleted. A wildcard stands alone. */
const forms = {
  AWS: /^(?:\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:(?:root|(?:user|role)\/[^*?]+)|arn:aws[a-z-]*:sts::\d{12}:(?:assumed-role|federated-user)\/[^*?]+|A[A-Z0-9]{15,127})$/,
  Service: /^(?:\*|[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal|api\.aws))$/,
  Federated: /^(?:\*|[^*?]+)$/,
  CanonicalUser: /^[0-9a-f]{64}$/,
};
