import type { PolicyDocument, PolicyKind } from '../../auth/policy/document.ts';
import { MalformedPolicyError } from '../../auth/policy/errors.ts';
import { parsePolicy } from '../../auth/policy/parse-policy.ts';
import { limitExceeded, orMalformed, quotaExceeded } from './errors.ts';
import { iamLimits } from './limits.ts';
import type { InlinePolicy, PrincipalKind } from './rows.ts';

/** Throws MalformedPolicyDocument. */
export function checkDocument(text: string, kind: PolicyKind): PolicyDocument {
  return orMalformed(() => parseNew(text, kind));
}

/** Stored documents of earlier versions keep other statement IDs, and policies of resources may have them. */
function parseNew(text: string, kind: PolicyKind): PolicyDocument {
  const document = parsePolicy(text, kind);
  if (kind === 'identity' && document.statements.some(({ sid = '' }) => !/^[0-9A-Za-z]*$/.test(sid))) {
    throw new MalformedPolicyError(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
  return document;
}

/** Throws MalformedPolicyDocument or LimitExceeded. New managed policies must have the present version. */
export function checkManagedPolicy(text: string): void {
  orMalformed(() => {
    if (parseNew(text, 'identity').version === '2012-10-17') return;
    throw new MalformedPolicyError('Policy document must be version 2012-10-17 or greater.');
  });
  const max = iamLimits.managedPolicyCharactersMax;
  if (sizeOf(text) > max) throw quotaExceeded('PolicySize', max);
}

/** Throws MalformedPolicyDocument or LimitExceeded. */
export function checkTrustPolicy(text: string): void {
  checkDocument(text, 'trust');
  const max = iamLimits.trustPolicyCharactersMax;
  if (sizeOf(text) > max) throw quotaExceeded('ACLSizePerRole', max);
}

/** Throws LimitExceeded when the inline policies of a principal are too large together. */
export function checkInlineSize(kind: PrincipalKind, name: string, policies: readonly InlinePolicy[]): void {
  const max = {
    user: iamLimits.userPoliciesCharactersMax,
    group: iamLimits.groupPoliciesCharactersMax,
    role: iamLimits.rolePoliciesCharactersMax,
  }[kind];
  const size = policies.reduce((sum, { document }) => sum + sizeOf(document), 0);
  if (size > max) throw limitExceeded(`Maximum policy size of ${max} bytes exceeded for ${kind} ${name}`);
}

/** White space does not count. */
function sizeOf(text: string): number {
  return text.replaceAll(/\s/g, '').length;
}

/** Documents in outputs are percent-encoded (RFC 3986). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
