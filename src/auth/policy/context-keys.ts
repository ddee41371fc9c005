import type { PolicyDocument } from './document.ts';
import { piecesOf } from './text-pattern.ts';

/** The context keys that a policy reads: in conditions and as variables. As they are written, each once. */
export function contextKeysOf({ version, statements }: PolicyDocument): string[] {
  const keys = new Map<string, string>();
  const add = (key: string): void => {
    if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
  };
  for (const { resources, conditions } of statements) {
    const texts = [...(resources?.patterns ?? [])];
    for (const { key, values, operator } of conditions) {
      add(key);
      if (/^(?:String|Arn)/.test(operator.base)) texts.push(...values);
    }
    if (version === '2008-10-17') continue;
    for (const text of texts) {
      for (const piece of piecesOf(text, { wildcards: true, variables: true })) {
        if (piece.kind === 'variable') add(piece.key);
      }
    }
  }
  return [...keys.values()];
}
