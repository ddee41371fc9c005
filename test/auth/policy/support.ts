import { compilePolicy, type CompiledPolicy } from '../../../src/auth/policy/compiled-policy.ts';
import type { PolicyKind } from '../../../src/auth/policy/document.ts';
import { type ApplicablePolicies, type Decision, evaluate } from '../../../src/auth/policy/evaluate.ts';
import { parsePolicy } from '../../../src/auth/policy/parse-policy.ts';
import type { PolicyPrincipal } from '../../../src/auth/policy/principal.ts';
import { requestContext } from '../../../src/auth/policy/request-context.ts';

export const ACCOUNT = '123456789012';

export const ann: PolicyPrincipal = {
  kind: 'user',
  accountId: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/ann`,
};

export function compiled(
  statements: object | readonly object[],
  kind: PolicyKind = 'identity',
  version = '2012-10-17',
): CompiledPolicy {
  return compilePolicy(parsePolicy(JSON.stringify({ Version: version, Statement: statements }), kind));
}

export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly principal?: PolicyPrincipal;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export function decide(question: Question, policies: Partial<ApplicablePolicies>): Decision {
  const { action, resource, principal = ann, context = {} } = question;
  const entries = Object.entries(context).map(
    ([key, value]) => [key, typeof value === 'string' ? [value] : value] as const,
  );
  return evaluate(
    { action, resource, principal, context: requestContext(entries) },
    { identity: [], resourceAccountId: ACCOUNT, ...policies },
  ).decision;
}
