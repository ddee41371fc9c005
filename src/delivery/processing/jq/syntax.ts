import type { Arithmetic, Comparison } from './arithmetic.ts';
import type { Json } from './values.ts';

/** A jq program, parsed. */
export type Node =
  | { readonly kind: 'identity' }
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'string'; readonly format: string; readonly parts: readonly (string | Node)[] }
  | { readonly kind: 'format'; readonly name: string }
  | { readonly kind: 'index'; readonly target: Node; readonly key: Node; readonly optional?: true }
  | {
      readonly kind: 'slice';
      readonly target: Node;
      readonly from: Node | undefined;
      readonly to: Node | undefined;
      readonly optional?: true;
    }
  | { readonly kind: 'iterate'; readonly target: Node; readonly optional?: true }
  | { readonly kind: 'array'; readonly body: Node | undefined }
  | { readonly kind: 'object'; readonly entries: readonly { readonly key: Node; readonly value: Node }[] }
  | {
      readonly kind: 'pipe' | 'comma' | 'and' | 'or' | 'alternative';
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly kind: 'negate'; readonly body: Node }
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: Node; readonly right: Node }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Node; readonly right: Node }
  | { readonly kind: 'assign'; readonly operator: AssignOperator; readonly left: Node; readonly right: Node }
  | {
      readonly kind: 'if';
      readonly condition: Node;
      readonly whenTrue: Node;
      readonly whenFalse: Node;
    }
  | { readonly kind: 'try'; readonly body: Node; readonly handler: Node | undefined }
  | {
      readonly kind: 'reduce';
      readonly source: Node;
      readonly patterns: Patterns;
      readonly init: Node;
      readonly update: Node;
    }
  | {
      readonly kind: 'foreach';
      readonly source: Node;
      readonly patterns: Patterns;
      readonly init: Node;
      readonly update: Node;
      readonly extract: Node;
    }
  | { readonly kind: 'bind'; readonly source: Node; readonly patterns: Patterns; readonly body: Node }
  | { readonly kind: 'label'; readonly name: string; readonly body: Node }
  | { readonly kind: 'break'; readonly name: string }
  | { readonly kind: 'define'; readonly definition: Definition; readonly body: Node }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'variable'; readonly name: string };

export type AssignOperator = '=' | '|=' | '//=' | `${Arithmetic}=`;

export interface Definition {
  readonly name: string;
  /** Names of closures; names of values begin with `$`. */
  readonly params: readonly string[];
  readonly body: Node;
}

/** Alternatives, tried in order: `. as [$a] ?// $a`. */
export type Patterns = readonly Pattern[];

export type Pattern =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Pattern[] }
  | { readonly kind: 'object'; readonly entries: readonly PatternEntry[] };

export interface PatternEntry {
  readonly key: Node;
  /** `$name` and `$name: pattern` also bind the member. */
  readonly name: string | undefined;
  readonly value: Pattern | undefined;
}

/** The variables of patterns, without duplicates. */
export function namesOf(patterns: Patterns): string[] {
  const names = new Set<string>();
  const visit = (pattern: Pattern): void => {
    if (pattern.kind === 'name') names.add(pattern.name);
    else if (pattern.kind === 'array') pattern.items.forEach(visit);
    else {
      for (const { name, value } of pattern.entries) {
        if (name !== undefined) names.add(name);
        if (value !== undefined) visit(value);
      }
    }
  };
  patterns.forEach(visit);
  return [...names];
}
