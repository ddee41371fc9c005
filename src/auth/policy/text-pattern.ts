import type { ComparisonSteps } from './comparison-steps.ts';
import type { RequestContext } from './request-context.ts';

/** A piece of a pattern; literal texts have no wildcards. */
export type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'star' }
  | { readonly kind: 'question' }
  | Variable;

interface Variable {
  readonly kind: 'variable';
  readonly key: string;
  readonly fallback: string | undefined;
}

export interface PatternOptions {
  /** Whether `*` and `?` match any characters. */
  readonly wildcards: boolean;
  /** Whether `${key}` stands for a value of the request. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
}

const STAR = -1;
const QUESTION = -2;
const specialCharacter = /\$\{([^{}]*)\}|[*?]/g;

/** Splits a pattern into its pieces. `${*}`, `${?}` and `${$}` are these characters themselves. */
export function piecesOf(text: string, { wildcards, variables }: PatternOptions): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const addLiteral = (literal: string): void => {
    if (literal !== '') pieces.push({ kind: 'literal', text: literal });
  };
  for (const match of text.matchAll(specialCharacter)) {
    const [special, variable] = match;
    if (variable === undefined ? !wildcards : !variables) continue;
    addLiteral(text.slice(end, match.index));
    end = match.index + special.length;
    if (variable === undefined) pieces.push({ kind: special === '*' ? 'star' : 'question' });
    else if (/^[*?$]$/.test(variable)) addLiteral(variable);
    else pieces.push(variableOf(variable));
  }
  addLiteral(text.slice(end));
  return pieces;
}

/** `aws:username`, or with a default value `aws:username, 'anonymous'`. */
function variableOf(text: string): Variable {
  const [, key, fallback] = /^\s*([^,\s]+)\s*,\s*'([^']*)'\s*$/.exec(text) ?? [];
  return { kind: 'variable', key: (key ?? text).trim(), fallback };
}

/** A pattern that matches texts. The values of variables are literal: a `*` in them is no wildcard. */
export class TextPattern {
  readonly #pieces: readonly Piece[];
  readonly #ignoreCase: boolean;
  /** Of a pattern without variables. */
  readonly #codes: readonly number[] | undefined;
  /** Of a pattern that is a literal text. */
  readonly #literal: string | undefined;

  constructor(pieces: readonly Piece[], ignoreCase = false) {
    this.#pieces = pieces;
    this.#ignoreCase = ignoreCase;
    if (!pieces.some(({ kind }) => kind === 'variable')) this.#codes = this.#resolve(undefined);
    if (pieces.every(isLiteral)) {
      const text = pieces.map((piece) => piece.text).join('');
      this.#literal = ignoreCase ? text.toLowerCase() : text;
    }
  }

  static of(text: string, options: PatternOptions): TextPattern {
    return new TextPattern(piecesOf(text, options), options.ignoreCase);
  }

  get endsWithStar(): boolean {
    return this.#pieces.at(-1)?.kind === 'star';
  }

  /** False if a variable of the pattern has no single value in the request. */
  matches(text: string, context: RequestContext): boolean {
    const compared = this.#ignoreCase ? text.toLowerCase() : text;
    context.steps.spend(1);
    if (this.#literal !== undefined) return this.#literal === compared;
    const codes = this.#codes ?? this.#resolve(context);
    return codes !== undefined && matchesCodes(codes, compared, context.steps);
  }

  #resolve(context: RequestContext | undefined): readonly number[] | undefined {
    const codes: number[] = [];
    for (const piece of this.#pieces) {
      if (piece.kind === 'star') codes.push(STAR);
      else if (piece.kind === 'question') codes.push(QUESTION);
      else {
        const text = piece.kind === 'literal' ? piece.text : valueOf(piece, context);
        if (text === undefined) return undefined;
        if (piece.kind === 'variable') context?.steps.spend(text.length);
        const written = this.#ignoreCase ? text.toLowerCase() : text;
        for (let index = 0; index < written.length; index++) codes.push(written.charCodeAt(index));
      }
    }
    return codes;
  }
}

function valueOf({ key, fallback }: Variable, context: RequestContext | undefined): string | undefined {
  const values = context?.get(key.toLowerCase());
  if (values === undefined) return fallback;
  return values.length === 1 ? values[0] : undefined;
}

function isLiteral(piece: Piece): piece is Extract<Piece, { readonly kind: 'literal' }> {
  return piece.kind === 'literal';
}

/** Goes back only to the last star, so that the time is bounded by the product of both lengths, and by the steps. */
function matchesCodes(codes: readonly number[], text: string, steps: ComparisonSteps): boolean {
  const { left } = steps;
  let taken = 0;
  let at = 0;
  let index = 0;
  let star = -1;
  let starIndex = 0;
  while (index < text.length && taken <= left) {
    taken++;
    const code = codes[at];
    if (code === STAR) {
      star = at++;
      starIndex = index;
    } else if (code !== undefined && (code === QUESTION || code === text.charCodeAt(index))) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++starIndex;
    } else break;
  }
  steps.spend(taken);
  if (index < text.length) return false;
  while (codes[at] === STAR) at++;
  return at === codes.length;
}
