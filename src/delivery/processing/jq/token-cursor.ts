import { JqSyntaxError, type Token } from './tokens.ts';

/** Reads tokens from left to right. */
export class TokenCursor {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  /** Throws JqSyntaxError unless all tokens were read. */
  end(): void {
    if (this.peek().kind !== 'end') throw this.unexpected();
  }

  /** Replaces the next token. */
  replace(token: Token): void {
    this.#tokens[this.#at] = token;
  }

  variable(): string {
    const token = this.next();
    if (token.kind !== 'variable') throw this.unexpected(token);
    return token.text;
  }

  name(): string {
    const token = this.next();
    if (token.kind !== 'identifier' && token.kind !== 'keyword') throw this.unexpected(token);
    return token.text;
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1);
    if (token === undefined) throw new JqSyntaxError('the program ends unexpectedly');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** An operator or a keyword. */
  is(text: string): boolean {
    const token = this.peek();
    return (token.kind === 'op' || token.kind === 'keyword') && token.text === text;
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(undefined, text);
  }

  unexpected(token: Token = this.peek(), wanted?: string): JqSyntaxError {
    const where = token.kind === 'end' ? '' : ` at character ${token.at + 1}`;
    const instead = wanted === undefined ? '' : `, expected ${wanted}`;
    return new JqSyntaxError(`syntax error: unexpected ${token.text}${where}${instead}`);
  }
}
