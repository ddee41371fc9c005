import type { ServiceError } from '../../errors.ts';
import { invalidPolicy, postDenied } from './errors.ts';

export interface PostPolicy {
  /** The allowed size of the file, if the policy limits it. */
  readonly lengths: { readonly min: number; readonly max: number } | undefined;
}

/** Fields that a policy need not name. */
const FREE = new Set(['policy', 'signature', 'x-amz-signature', 'awsaccesskeyid', 'file']);

type Condition = readonly unknown[] | Readonly<Record<string, unknown>>;

/**
 * Checks the policy of a posted form, base64 of JSON: its expiration, and the fields that it allows. Its signature is
 * verified elsewhere. Throws AccessDenied, InvalidPolicyDocument.
 */
export function checkPolicy(
  base64: string,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  nowMs: number,
): PostPolicy {
  const policy = parse(base64);
  const { expiration, conditions } = policy;
  if (typeof expiration !== 'string') throw invalidPolicy('Policy missing expiration.');
  const untilMs = Date.parse(expiration);
  if (Number.isNaN(untilMs)) throw invalidPolicy(`Invalid 'expiration' value: '${expiration}'`);
  if (nowMs > untilMs) throw postDenied('Policy expired.');
  if (!Array.isArray(conditions)) throw invalidPolicy('Policy missing conditions.');
  const given = new Map([...fields, ['bucket', bucket]]);
  const named = new Set<string>();
  let lengths: PostPolicy['lengths'];
  // Client-supplied JSON: each condition is checked before it is used.
  for (const condition of conditions as Condition[]) {
    const range = lengthRange(condition);
    if (range === undefined) named.add(checkCondition(condition, given));
    else lengths = range;
  }
  const extra = [...given.keys()].filter(
    (name) => !named.has(name) && !FREE.has(name) && !name.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw postDenied(`Extra input fields: ${extra.join(', ')}`);
  return { lengths };
}

function parse(base64: string): { readonly expiration?: unknown; readonly conditions?: unknown } {
  try {
    const policy: unknown = JSON.parse(Buffer.from(base64, 'base64').toString());
    if (typeof policy === 'object' && policy !== null) return policy;
  } catch {
    // Reported below.
  }
  throw invalidPolicy('Invalid JSON.');
}

function lengthRange(condition: Condition): PostPolicy['lengths'] {
  if (!Array.isArray(condition) || condition[0] !== 'content-length-range') return undefined;
  const [min, max] = [Number(condition[1]), Number(condition[2])];
  if (Number.isNaN(min) || Number.isNaN(max)) throw invalidPolicy('Invalid content-length-range.');
  return { min, max };
}

/** Returns the name of the field that the condition is about. */
function checkCondition(condition: Condition, given: ReadonlyMap<string, string>): string {
  const [operator, field, value] = parts(condition);
  const name = field.toLowerCase();
  const actual = given.get(name) ?? '';
  const holds = operator === 'eq' ? actual === value : actual.startsWith(value);
  if (!holds) throw conditionFailed([operator, `$${field}`, value]);
  return name;
}

function conditionFailed(condition: readonly string[]): ServiceError {
  return postDenied(`Policy Condition failed: [${condition.map((part) => JSON.stringify(part)).join(', ')}]`);
}

function parts(condition: Condition): ['eq' | 'starts-with', field: string, value: string] {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition as readonly unknown[];
    const known = operator === 'eq' || operator === 'starts-with';
    if (known && typeof field === 'string' && field.startsWith('$') && typeof value === 'string') {
      return [operator, field.slice(1), value];
    }
  } else if (typeof condition === 'object' && condition !== null) {
    const [entry, ...others] = Object.entries(condition);
    if (entry !== undefined && others.length === 0 && typeof entry[1] === 'string') {
      return ['eq', entry[0], entry[1]];
    }
  }
  throw invalidPolicy('Invalid condition.');
}
