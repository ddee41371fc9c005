/**
 * Where a policy is attached: to an identity (also as a permissions boundary or a session policy), to a resource, or to
 * a role as its trust policy.
 */
export type PolicyKind = 'identity' | 'resource' | 'trust';

export type PolicyVersion = '2012-10-17' | '2008-10-17';

/** A valid policy document. */
export interface PolicyDocument {
  /** Only 2012-10-17 has policy variables. */
  readonly version: PolicyVersion;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly sid: string | undefined;
  /** Undefined in identity policies. */
  readonly principals: Selection<PrincipalPattern> | undefined;
  readonly actions: Selection<string>;
  /** Undefined in trust policies. */
  readonly resources: Selection<string> | undefined;
  readonly conditions: readonly Condition[];
}

/** The patterns of an element, or, if it is `NotAction`, `NotResource` or `NotPrincipal`, of its complement. */
export interface Selection<Pattern> {
  readonly negated: boolean;
  readonly patterns: readonly Pattern[];
}

export interface PrincipalPattern {
  /** `*` for `"Principal": "*"`. */
  readonly type: '*' | 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';
  readonly value: string;
}

/** One key of one operator. */
export interface Condition {
  readonly operator: ConditionOperator;
  /** As it is written in the document; keys ignore case. */
  readonly key: string;
  readonly values: readonly string[];
}

export interface ConditionOperator {
  readonly base: BaseOperator;
  /** `...IfExists`. */
  readonly ifExists: boolean;
  /** `ForAllValues:` or `ForAnyValue:`. */
  readonly quantifier: 'all' | 'any' | undefined;
}

const baseOperators = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'NotIpAddress',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Null',
] as const;

export type BaseOperator = (typeof baseOperators)[number];

const operatorForm = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

/** Undefined for a name that is no operator. */
export function parseOperator(name: string): ConditionOperator | undefined {
  const [, quantifierName, baseName, suffix] = operatorForm.exec(name) ?? [];
  const base = baseOperators.find((one) => one === baseName);
  if (base === undefined) return undefined;
  if (base === 'Null' && name !== 'Null') return undefined;
  const quantifiers = { ForAllValues: 'all', ForAnyValue: 'any' } as const;
  const quantifier =
    quantifierName === 'ForAllValues' || quantifierName === 'ForAnyValue'
      ? quantifiers[quantifierName]
      : undefined;
  return { base, ifExists: suffix !== undefined, quantifier };
}
