import type { Budget } from './budget.ts';
import { codePoints, JqError, type Json, newObject, shown } from './values.ts';

/**
 * Translates regular expressions from Oniguruma's Perl syntax to JavaScript's. Syntax that JavaScript does not have
 * (possessive quantifiers, atomic groups, recursion, \G, \K, \R, \X) is an error.
 */
export function compileRegex(source: string, flags: string): RegExp {
  const ignoreCase = flags.includes('i') || source.startsWith('(?i)');
  const singleLine = flags.includes('s') || flags.includes('p');
  const body = translate(source.replace(/^\(\?i\)/, ''), { extended: flags.includes('x'), singleLine });
  try {
    return new RegExp(body, `dgu${ignoreCase ? 'i' : ''}${flags.includes('p') ? 's' : ''}`);
  } catch {
    throw new JqError(`${source} (at offset 0) is not a valid regex`);
  }
}

interface Translation {
  readonly extended: boolean;
  readonly singleLine: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  A: String.raw`(?<![\s\S])`,
  z: String.raw`(?![\s\S])`,
  Z: String.raw`(?=\n?(?![\s\S]))`,
  h: '[0-9a-fA-F]',
  H: '[^0-9a-fA-F]',
  a: String.raw`\x07`,
  e: String.raw`\x1b`,
};
/** Escapes that mean the same in JavaScript's Unicode mode. */
const KEPT = /[dDwWsSbBnrtfv0-9kpPxuc^$\\.*+?()[\]{}|/]/;
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: String.raw`\s`,
  punct: String.raw`!-\/:-@\[-\x60\{-~`,
  xdigit: '0-9A-Fa-f',
  word: String.raw`\w`,
  cntrl: String.raw`\x00-\x1f\x7f`,
  blank: String.raw` \t`,
};

function translate(source: string, { extended, singleLine }: Translation): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === '\\') {
      const next = source.charAt(++at);
      const replaced = inClass ? undefined : ESCAPES[next];
      if (replaced !== undefined) out += replaced;
      else if (KEPT.test(next) || (inClass && next === '-')) out += `\\${next}`;
      else if (inClass && next === 'h') out += '0-9a-fA-F';
      else if (/[A-Za-z]/.test(next))
        throw new JqError(`${source} (at offset 0) is not a valid regex: \\${next} is not supported`);
      else out += next;
    } else if (inClass) {
      const posix = /^\[:(\^?)(\w+):\]/.exec(source.slice(at));
      const members = posix === null || posix[1] === '^' ? undefined : CLASSES[posix[2] ?? ''];
      if (posix !== null && members !== undefined) {
        out += members;
        at += posix[0].length - 1;
      } else {
        if (character === ']') inClass = false;
        out += character === '[' ? '\\[' : character;
      }
    } else if (character === '[') {
      inClass = true;
      out += character;
      if (source.charAt(at + 1) === '^') out += source.charAt(++at);
      if (source.charAt(at + 1) === ']') {
        out += '\\]';
        at++;
      }
    } else if (extended && /\s/.test(character)) continue;
    else if (extended && character === '#') {
      while (at < source.length && source.charAt(at) !== '\n') at++;
    } else if (character === '$') out += singleLine ? String.raw`(?![\s\S])` : String.raw`(?=\n?(?![\s\S]))`;
    else if (character === '}' || (character === '{' && !/^\{\d*,?\d*\}/.test(source.slice(at)))) {
      // Literal braces, but not those of \u{...}, \p{...} and quantifiers.
      out += /(?:\\[pPux]|\{)[^{}]*$/.test(out) ? character : `\\${character}`;
    } else out += character;
  }
  return out;
}

/** Finds the matches in a text, in the form that jq's `match` returns. */
export function matches(text: Json, expression: Json, flags: Json, budget: Budget): Json[] {
  const { found, source, names } = search(text, expression, flags, budget);
  const offsets = codePointOffsets(source);
  return found.map((match) => {
    const captures = match.slice(1).map((string: string | undefined, index) => {
      const range = match.indices?.[index + 1];
      return Object.assign(newObject(), {
        offset: range === undefined ? -1 : offsets(range[0]),
        length: string === undefined ? 0 : codePoints(string).length,
        string: string ?? null,
        name: names.get(index + 1) ?? null,
      });
    });
    return Object.assign(newObject(), {
      offset: offsets(match.index),
      length: codePoints(match[0]).length,
      string: match[0],
      captures,
    });
  });
}

export function test(text: Json, expression: Json, flags: Json, budget: Budget): boolean {
  return search(text, expression, flags, budget, true).found.length > 0;
}

function search(text: Json, expression: Json, flags: Json, budget: Budget, once = false) {
  if (typeof text !== 'string') throw new JqError(`${shown(text)} cannot be matched, as it is not a string`);
  if (typeof expression !== 'string') {
    throw new JqError(`${shown(expression)} cannot be matched, as it is not a string`);
  }
  if (flags !== null && typeof flags !== 'string') throw new JqError(`${shown(flags)} is not a string`);
  const letters = flags ?? '';
  if (/[^gimnplsx]/.test(letters)) throw new JqError(`${letters} is not a valid modifier string`);
  const { regex, names } = cached(expression, letters);
  budget.spendBytes(text.length);
  const found: RegExpExecArray[] = [];
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    budget.spend(1);
    if (match[0] === '')
      regex.lastIndex +=
        text.codePointAt(regex.lastIndex) === undefined
          ? 1
          : String.fromCodePoint(text.codePointAt(regex.lastIndex) ?? 0).length;
    if (match[0] === '' && letters.includes('n')) continue;
    found.push(match);
    if (once || !letters.includes('g')) break;
    // jq 1.6 does not look for a match at the very end of the text.
    if (regex.lastIndex >= text.length) break;
  }
  return { found, source: text, names };
}

const CACHE_MAX = 64;
const cache = new Map<string, Compiled>();

interface Compiled {
  readonly regex: RegExp;
  readonly names: ReadonlyMap<number, string>;
}

function cached(expression: string, flags: string): Compiled {
  const key = `${flags}/${expression}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_MAX) cache.clear();
  const regex = compileRegex(expression, flags);
  const compiled = { regex, names: groupNames(regex.source) };
  cache.set(key, compiled);
  return compiled;
}

/** The names of groups by number. */
function groupNames(source: string): Map<number, string> {
  const names = new Map<number, string>();
  let number = 0;
  for (const [token, name] of source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?<([A-Za-z_]\w*)>|(?!\?))/gs)) {
    if (!token.startsWith('(')) continue;
    number++;
    if (name !== undefined) names.set(number, name);
  }
  return names;
}

/** Converts an offset in UTF-16 units to one in code points. */
function codePointOffsets(text: string): (unit: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (unit) => unit;
  return (unit) => codePoints(text.slice(0, unit)).length;
}
