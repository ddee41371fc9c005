import type { RequestContext } from './request-context.ts';
import { type PatternOptions, type Piece, piecesOf, TextPattern } from './text-pattern.ts';

/** Parts of an ARN; the last one, the resource, may contain colons. */
const PARTS = 6;

/**
 * A pattern of ARNs, matched part by part: a wildcard or the value of a variable does not reach beyond its part. As an
 * exception, a pattern with fewer parts that ends with `*` matches all further parts.
 */
export class ArnPattern {
  readonly #parts: readonly TextPattern[];

  constructor(text: string, options: PatternOptions) {
    this.#parts = partsOf(piecesOf(text, options)).map((pieces) => new TextPattern(pieces));
  }

  matches(arn: string, context: RequestContext): boolean {
    const count = this.#parts.length;
    if (count < PARTS && this.#parts.at(-1)?.endsWithStar !== true) return false;
    const parts = partsOfArn(arn, count);
    if (parts.length < count) return false;
    return this.#parts.every((pattern, index) => pattern.matches(parts[index] ?? '', context));
  }
}

function partsOf(pieces: readonly Piece[]): Piece[][] {
  const parts: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== 'literal') {
      parts.at(-1)?.push(piece);
      continue;
    }
    const texts = splitArn(piece.text, PARTS - parts.length + 1);
    for (const [index, text] of texts.entries()) {
      if (index > 0) parts.push([]);
      if (text !== '') parts.at(-1)?.push({ kind: 'literal', text });
    }
  }
  return parts;
}

let last: { readonly arn: string; readonly count: number; readonly parts: readonly string[] } | undefined;

/** All patterns of a request's policies are compared with the same ARN, so the last one stays split. */
function partsOfArn(arn: string, count: number): readonly string[] {
  if (last === undefined || last.arn !== arn || last.count !== count) {
    last = { arn, count, parts: splitArn(arn, count) };
  }
  return last.parts;
}

/** Splits at the first colons; the last part has the rest. */
function splitArn(text: string, count: number): string[] {
  const parts: string[] = [];
  let start = 0;
  while (parts.length < count - 1) {
    const colon = text.indexOf(':', start);
    if (colon === -1) break;
    parts.push(text.slice(start, colon));
    start = colon + 1;
  }
  parts.push(text.slice(start));
  return parts;
}
