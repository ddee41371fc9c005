import type { Arithmetic, Comparison } from './arithmetic.ts';
import type { AssignOperator, Node } from './syntax.ts';

/** Lowest precedence first; `//` is right-associative, assignments and comparisons are not associative. */
export const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(['//']),
  new Set(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//=']),
  new Set(['or']),
  new Set(['and']),
  new Set(['==', '!=', '<', '<=', '>', '>=']),
  new Set(['+', '-']),
  new Set(['*', '/', '%']),
];
export const ALTERNATIVE_LEVEL = 0;
export const ASSIGN_LEVEL = 1;
export const COMPARE_LEVEL = 4;

export function binaryNode(operator: string, left: Node, right: Node): Node {
  switch (operator) {
    case '//':
      return { kind: 'alternative', left, right };
    case 'or':
    case 'and':
      return { kind: operator, left, right };
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { kind: 'compare', operator: operator satisfies Comparison, left, right };
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return { kind: 'arithmetic', operator: operator satisfies Arithmetic, left, right };
    default:
      // Only the operators of AssignOperator remain.
      return { kind: 'assign', operator: operator as AssignOperator, left, right };
  }
}
