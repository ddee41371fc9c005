/**
 * A policy evaluator written straight from the IAM user guide, as plainly as possible: it reads the JSON document at
 * every decision and turns wildcards into regular expressions. The tests compare the real one with it.
 */
import type { Decision } from '../../../src/auth/policy/evaluate.ts';
import type { PolicyPrincipal } from '../../../src/auth/policy/principal.ts';

export type Json = Readonly<Record<string, unknown>>;
export type PlainContext = Readonly<Record<string, readonly string[]>>;

export interface PlainQuestion {
  readonly principal: PolicyPrincipal;
  readonly action: string;
  readonly resource: string;
  /** Keys in lower case. */
  readonly context: PlainContext;
  readonly identity: readonly Json[];
  readonly boundary: readonly Json[] | undefined;
  readonly session: readonly Json[] | undefined;
  readonly resourcePolicy: Json | undefined;
  readonly resourceAccountId: string;
}

/** "Determining whether a request is allowed or denied within an account", and across accounts. */
export function plainDecision(question: PlainQuestion): Decision {
  const { identity, boundary, session, resourcePolicy, principal, resourceAccountId } = question;
  const everything = [...identity, ...(boundary ?? []), ...(session ?? [])];
  const resourceStatements = resourcePolicy === undefined ? [] : statementsOf(resourcePolicy);
  const isDenied =
    everything.some((policy) => hasStatement(policy, 'Deny', question)) ||
    resourceStatements.some(
      (one) =>
        one['Effect'] === 'Deny' && applies(one, resourcePolicy, question) && namesPrincipal(one, principal),
    );
  if (isDenied) return 'explicitDeny';
  const allowsAll = (policies: readonly Json[] | undefined): boolean =>
    policies === undefined || policies.some((policy) => hasStatement(policy, 'Allow', question));
  const granting = resourceStatements.filter(
    (one) =>
      one['Effect'] === 'Allow' && applies(one, resourcePolicy, question) && namesPrincipal(one, principal),
  );
  const isLimited = !allowsAll(boundary) || !allowsAll(session);
  const byIdentity = allowsAll(identity) && !isLimited;
  if (principal.accountId !== resourceAccountId) {
    return byIdentity && granting.length > 0 ? 'allowed' : 'implicitDeny';
  }
  const byName = granting.some((one) => principalsOf(one).includes(principal.arn));
  const byRole = granting.some((one) => {
    const named = principalsOf(one);
    return named.includes('*') || (principal.roleArn !== undefined && named.includes(principal.roleArn));
  });
  return byIdentity || byName || (byRole && !isLimited) ? 'allowed' : 'implicitDeny';
}

function statementsOf(policy: Json): Json[] {
  return policy['Statement'] as Json[];
}

function hasStatement(policy: Json, effect: string, question: PlainQuestion): boolean {
  return statementsOf(policy).some((one) => one['Effect'] === effect && applies(one, policy, question));
}

function principalsOf(statement: Json): string[] {
  const principal = statement['Principal'];
  if (principal === '*') return ['*'];
  return list((principal as Json)['AWS']);
}

function namesPrincipal(statement: Json, { arn, roleArn, accountId }: PolicyPrincipal): boolean {
  const root = `arn:aws:iam::${accountId}:root`;
  return principalsOf(statement).some((one) => ['*', arn, roleArn, accountId, root].includes(one));
}

function applies(statement: Json, policy: Json | undefined, question: PlainQuestion): boolean {
  const { action, resource, context } = question;
  const hasVariables = policy?.['Version'] === '2012-10-17';
  const actions = (name: string): boolean =>
    list(statement[name]).some((one) => like(one.toLowerCase(), action.toLowerCase()));
  const resources = (name: string): boolean =>
    list(statement[name]).some((one) => arnLike(one, resource, context, hasVariables));
  if ('Action' in statement ? !actions('Action') : actions('NotAction')) return false;
  if ('Resource' in statement ? !resources('Resource') : resources('NotResource')) return false;
  const conditions = (statement['Condition'] ?? {}) as Readonly<Record<string, Json>>;
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      isMet(operator, context[key.toLowerCase()] ?? [], list(values), context, hasVariables),
    ),
  );
}

function list(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function isMet(
  name: string,
  given: readonly string[],
  wanted: readonly string[],
  context: PlainContext,
  hasVariables: boolean,
): boolean {
  if (name === 'Null') return wanted.includes(String(given.length === 0));
  const ifExists = name.endsWith('IfExists');
  const [quantifier, rest] = name.includes(':') ? name.split(':') : [undefined, name];
  const full = (rest ?? '').replace(/IfExists$/, '');
  const base = full.replace('Not', '');
  const isNegated = base !== full;
  const one = (value: string): boolean =>
    wanted.some((pattern) => compare(base, value, pattern, context, hasVariables));
  if (quantifier === 'ForAllValues') return given.every((value) => one(value) !== isNegated);
  if (ifExists && given.length === 0) return true;
  if (quantifier === 'ForAnyValue') return given.some((value) => one(value) !== isNegated);
  return given.some(one) !== isNegated;
}

function compare(
  base: string,
  value: string,
  pattern: string,
  context: PlainContext,
  hasVariables: boolean,
): boolean {
  const text = (): string | undefined => (hasVariables ? substituted(pattern, context) : pattern);
  switch (base) {
    case 'StringEquals':
      return text() === value;
    case 'StringEqualsIgnoreCase':
      return text()?.toLowerCase() === value.toLowerCase();
    case 'StringLike': {
      const filled = hasVariables ? substituted(pattern, context) : pattern;
      return filled !== undefined && like(filled, value);
    }
    case 'ArnEquals':
    case 'ArnLike':
      return arnLike(pattern, value, context, hasVariables);
    case 'NumericEquals':
      return Number(value) === Number(pattern);
    case 'NumericLessThan':
      return Number(value) < Number(pattern);
    case 'NumericGreaterThanEquals':
      return Number(value) >= Number(pattern);
    case 'Bool':
      return value === pattern;
    case 'IpAddress':
      return inRange(value, pattern);
    default:
      throw new Error(`the plain evaluator does not know ${base}`);
  }
}

function inRange(address: string, range: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Undefined if a variable has no value. Values in these tests have no wildcards. */
function substituted(text: string, context: PlainContext): string | undefined {
  let isComplete = true;
  const filled = text.replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => {
    const values = context[key.toLowerCase()] ?? [];
    if (values.length !== 1) isComplete = false;
    return values[0] ?? '';
  });
  return isComplete ? filled : undefined;
}

function like(pattern: string, text: string): boolean {
  const literal = pattern.replaceAll(/[\^$.|+()[\]{}]/g, String.raw`\$&`);
  const source = literal.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Each of the six parts by itself; a final star covers the parts that the pattern lacks. */
function arnLike(pattern: string, arn: string, context: PlainContext, hasVariables: boolean): boolean {
  const filled = hasVariables ? substituted(pattern, context) : pattern;
  if (filled === undefined) return false;
  const wanted = sixParts(filled);
  const given = sixParts(arn);
  if (wanted.length < 6 && !filled.endsWith('*')) return false;
  if (wanted.length > given.length) return false;
  return wanted.every((part, index) => {
    const isLast = index === wanted.length - 1;
    return like(part, isLast ? given.slice(index).join(':') : (given[index] ?? ''));
  });
}

function sixParts(text: string): string[] {
  const parts = text.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
