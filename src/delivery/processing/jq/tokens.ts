/** A syntax error in a jq program. The message says where it is. */
export class JqSyntaxError extends Error {
  override readonly name = 'JqSyntaxError';
}

export type Token =
  | {
      readonly kind: 'op' | 'keyword' | 'identifier' | 'field' | 'variable' | 'format';
      readonly text: string;
      readonly at: number;
    }
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly at: number }
  | {
      readonly kind: 'string';
      readonly parts: readonly (string | readonly Token[])[];
      readonly text: string;
      readonly at: number;
    }
  | { readonly kind: 'end'; readonly text: string; readonly at: number };

const KEYWORDS: ReadonlySet<string> = new Set(
  'def if then elif else end as reduce foreach try catch label import include and or __loc__'.split(' '),
);

const SPACE = /(?:\s|#[^\n]*)+/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const IDENTIFIER = /[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*/y;
const FIELD = /\.[A-Za-z_]\w*/y;
const VARIABLE = /\$\s*[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*/y;
const FORMAT = /@[A-Za-z0-9_]+/y;
const OPERATOR = /\?\/\/=?|\/\/=|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\/\/|\.\.|[.[\]{}()|,:;=<>+\-*/%?$]/y;

export function tokenize(program: string): Token[] {
  const { tokens, end } = readTokens(program, 0, false);
  tokens.push({ kind: 'end', text: 'the end', at: end });
  return tokens;
}

/** Reads tokens up to the end, or up to the closing parenthesis of a string's `\(...)`. */
function readTokens(program: string, start: number, interpolated: boolean): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  let at = start;
  let depth = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(program)?.[0];
  };
  for (;;) {
    at += take(SPACE)?.length ?? 0;
    if (at >= program.length) {
      if (interpolated) throw new JqSyntaxError(`an interpolation is not closed, at character ${start + 1}`);
      return { tokens, end: at };
    }
    const character = program.charAt(at);
    if (interpolated && character === ')' && depth === 0) return { tokens, end: at + 1 };
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '"') {
      const { parts, end } = readString(program, at);
      tokens.push({ kind: 'string', parts, text: program.slice(at, end), at });
      at = end;
      continue;
    }
    const token = plainToken(take, at);
    if (token === undefined) throw new JqSyntaxError(`unexpected ${character} at character ${at + 1}`);
    tokens.push(token);
    at += token.kind === 'variable' ? (take(VARIABLE)?.length ?? 0) : token.text.length;
  }
}

function plainToken(take: (pattern: RegExp) => string | undefined, at: number): Token | undefined {
  let text = take(NUMBER);
  if (text !== undefined) return { kind: 'number', value: Number(text), text, at };
  text = take(FIELD);
  if (text !== undefined) return { kind: 'field', text, at };
  text = take(IDENTIFIER);
  if (text !== undefined) return { kind: KEYWORDS.has(text) ? 'keyword' : 'identifier', text, at };
  text = take(VARIABLE);
  if (text !== undefined) return { kind: 'variable', text: text.slice(1).trim(), at };
  text = take(FORMAT);
  if (text !== undefined) return { kind: 'format', text, at };
  text = take(OPERATOR);
  return text === undefined ? undefined : { kind: 'op', text, at };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readString(program: string, start: number): { parts: (string | readonly Token[])[]; end: number } {
  const parts: (string | readonly Token[])[] = [];
  let text = '';
  let at = start + 1;
  for (;;) {
    const character = program.charAt(at);
    if (character === '') throw new JqSyntaxError(`a string is not closed, at character ${start + 1}`);
    if (character === '"') {
      parts.push(text.toWellFormed());
      return { parts, end: at + 1 };
    }
    if (character !== '\\') {
      text += character;
      at++;
      continue;
    }
    const escape = program.charAt(at + 1);
    const hexadecimal = /^[0-9A-Fa-f]{4}/.exec(program.slice(at + 2))?.[0];
    if (escape === '(') {
      const { tokens, end } = readTokens(program, at + 2, true);
      tokens.push({ kind: 'end', text: ')', at: end });
      parts.push(text, tokens);
      text = '';
      at = end;
    } else if (escape === 'u' && hexadecimal !== undefined) {
      text += String.fromCharCode(Number.parseInt(hexadecimal, 16));
      at += 6;
    } else {
      const value = ESCAPES[escape];
      if (value === undefined)
        throw new JqSyntaxError(`an invalid escape in a string, at character ${at + 1}`);
      text += value;
      at += 2;
    }
  }
}
