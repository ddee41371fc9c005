import { invalidInput } from './errors.ts';

/**
 * The Expression of GetTables: names, with `*` or `.*` for any characters, and `|` between alternatives. Other regular
 * expression syntax is refused, so that matching is always fast. Throws InvalidInputException.
 */
export function namePattern(expression: string): (name: string) => boolean {
  const alternatives = expression.toLowerCase().split('|').map(parsed);
  return (name) => alternatives.some((parts) => matches(parts, name));
}

/** The texts between the stars. */
function parsed(alternative: string): readonly string[] {
  const pattern = alternative
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replaceAll(/(?:\.?\*)+/g, '*');
  if (/[\\[\](){}+?^$.]/.test(pattern)) {
    throw invalidInput(
      `Expression ${alternative}: nagare supports names, * and .* for any characters, and | between alternatives`,
    );
  }
  return pattern.split('*');
}

/** Matches each text at its first occurrence after the previous one, and the last one at the end. */
function matches([first = '', ...rest]: readonly string[], name: string): boolean {
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const text of rest) {
    const found = name.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
