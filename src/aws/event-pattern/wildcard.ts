import { EventPatternError } from './types.ts';

/**
 * Compiles a pattern in which `*` matches any number of characters, and `\*` and `\\` match themselves. The rules are
 * event-ruler's (WildcardParser): consecutive stars and other escapes are refused, except in a pattern stored by an
 * older version, which treated two stars as one and a lone backslash as itself. Matching takes linear time.
 */
export function compileWildcard(pattern: string, isStored: boolean): (text: string) => boolean {
  const [first = '', ...others] = literals(pattern, isStored);
  const last = others.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false;
    const end = text.length - last.length;
    let from = first.length;
    for (const literal of others) {
      const found = text.indexOf(literal, from);
      if (found === -1 || found + literal.length > end) return false;
      from = found + literal.length;
    }
    return true;
  };
}

/** The texts between the stars. */
function literals(pattern: string, isStored: boolean): string[] {
  const found: string[] = [];
  let literal = '';
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '*') {
      if (next === '*') {
        if (!isStored) throw new EventPatternError(`Consecutive wildcard characters at pos ${index}`);
        continue;
      }
      found.push(literal);
      literal = '';
    } else if (character === '\\' && (next === '*' || next === '\\')) {
      literal += next;
      index++;
    } else {
      if (character === '\\' && !isStored)
        throw new EventPatternError(`Invalid escape character at pos ${index}`);
      literal += character;
    }
  }
  return [...found, literal];
}
