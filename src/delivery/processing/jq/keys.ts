import { parse } from './parser.ts';
import type { Node } from './syntax.ts';

/**
 * The keys of the object that a program returns, if they are literals. Undefined if they are not known before it runs.
 */
export function topLevelKeys(program: string): string[] | undefined {
  const node: Node = parse(program);
  if (node.kind !== 'object') return undefined;
  const keys: string[] = [];
  for (const { key } of node.entries) {
    if (key.kind !== 'literal' || typeof key.value !== 'string') return undefined;
    keys.push(key.value);
  }
  return keys;
}
