import { ALTERNATIVE_LEVEL, ASSIGN_LEVEL, binaryNode, COMPARE_LEVEL, LEVELS } from './operators.ts';
import type { Definition, Node, Pattern, PatternEntry, Patterns } from './syntax.ts';
import { TokenCursor } from './token-cursor.ts';
import { tokenize } from './tokens.ts';

/** Throws JqSyntaxError. The grammar is that of jq 1.6, with `if` without `else` as in later versions. */
export function parse(program: string): Node {
  return new Parser(tokenize(program)).program();
}

/** Parses a library: only definitions. */
export function parseDefinitions(text: string): Definition[] {
  return new Parser(tokenize(text)).definitions();
}

const IDENTITY: Node = { kind: 'identity' };
/** `$__loc__`: the location in the program. Programs here have one line. */
const LOCATION: Node = { kind: 'literal', value: { file: '<top-level>', line: 1 } };
const CONSTANTS: Readonly<Record<string, Node | undefined>> = {
  null: { kind: 'literal', value: null },
  true: { kind: 'literal', value: true },
  false: { kind: 'literal', value: false },
};

class Parser extends TokenCursor {
  program(): Node {
    const node = this.peek().kind === 'end' ? IDENTITY : this.pipe();
    this.end();
    return node;
  }

  definitions(): Definition[] {
    const found: Definition[] = [];
    while (this.peek().kind !== 'end') found.push(this.#definition());
    return found;
  }

  pipe(): Node {
    if (this.is('def')) {
      const definition = this.#definition();
      return { kind: 'define', definition, body: this.pipe() };
    }
    const left = this.#comma();
    return this.accept('|') ? { kind: 'pipe', left, right: this.pipe() } : left;
  }

  #comma(): Node {
    let left = this.#binary(0);
    while (this.accept(',')) left = { kind: 'comma', left, right: this.#binary(0) };
    return left;
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#operator(operators);
      if (operator === undefined) return left;
      this.next();
      const right = this.#binary(level === ALTERNATIVE_LEVEL ? level : level + 1);
      left = binaryNode(operator, left, right);
      const chained = level === ASSIGN_LEVEL || level === COMPARE_LEVEL;
      if (chained && this.#operator(operators) !== undefined) throw this.unexpected();
    }
  }

  #operator(operators: ReadonlySet<string>): string | undefined {
    const { kind, text } = this.peek();
    return (kind === 'op' || kind === 'keyword') && operators.has(text) ? text : undefined;
  }

  #unary(): Node {
    if (this.accept('-')) return { kind: 'negate', body: this.#unary() };
    if (this.accept('label')) {
      const name = this.variable();
      this.expect('|');
      return { kind: 'label', name, body: this.pipe() };
    }
    const term = this.#postfix();
    if (!this.accept('as')) return term;
    const patterns = this.#patterns();
    this.expect('|');
    return { kind: 'bind', source: term, patterns, body: this.pipe() };
  }

  #postfix(): Node {
    let term = this.#term();
    for (;;) {
      const token = this.peek();
      if (token.kind === 'field') {
        this.next();
        term = { kind: 'index', target: term, key: literal(token.text.slice(1)) };
      } else if (this.is('.') && this.peek(1).kind === 'string') {
        this.next();
        term = { kind: 'index', target: term, key: this.#string('text') };
      } else if (this.is('[')) term = this.#brackets(term);
      else if (this.accept('?')) term = optional(term);
      else if (token.kind === 'op' && token.text === '?//') {
        // jq 1.6 reads this as its pattern operator and fails. Read `.a?//1` as `.a? // 1`.
        this.replace({ kind: 'op', text: '//', at: token.at });
        term = optional(term);
      } else return term;
    }
  }

  /** `[]`, `[key]`, `[from:to]` after a term. */
  #brackets(target: Node): Node {
    this.expect('[');
    if (this.accept(']')) return { kind: 'iterate', target };
    if (this.accept(':')) {
      const to = this.pipe();
      this.expect(']');
      return { kind: 'slice', target, from: undefined, to };
    }
    const key = this.pipe();
    if (this.accept(':')) {
      const to = this.is(']') ? undefined : this.pipe();
      this.expect(']');
      return { kind: 'slice', target, from: key, to };
    }
    this.expect(']');
    return { kind: 'index', target, key };
  }

  #term(): Node {
    const token = this.peek();
    switch (token.kind) {
      case 'number':
        this.next();
        return { kind: 'literal', value: token.value };
      case 'string':
        return this.#string('text');
      case 'format': {
        this.next();
        const name = token.text.slice(1);
        return this.peek().kind === 'string' ? this.#string(name) : { kind: 'format', name };
      }
      case 'field':
        this.next();
        return { kind: 'index', target: IDENTITY, key: literal(token.text.slice(1)) };
      case 'variable':
        this.next();
        if (token.text === '__loc__') return LOCATION;
        return { kind: 'variable', name: token.text };
      case 'identifier':
        return this.#call();
      case 'keyword':
        return this.#keyword();
      case 'op':
        return this.#symbol();
      case 'end':
        throw this.unexpected();
    }
  }

  #symbol(): Node {
    if (this.accept('..')) return { kind: 'call', name: 'recurse', args: [] };
    if (this.accept('.')) {
      if (this.peek().kind === 'string')
        return { kind: 'index', target: IDENTITY, key: this.#string('text') };
      return this.is('[') ? this.#brackets(IDENTITY) : IDENTITY;
    }
    if (this.accept('(')) {
      const body = this.pipe();
      this.expect(')');
      return body;
    }
    if (this.accept('[')) {
      if (this.accept(']')) return { kind: 'array', body: undefined };
      const body = this.pipe();
      this.expect(']');
      return { kind: 'array', body };
    }
    if (this.accept('{')) return this.#object();
    throw this.unexpected();
  }

  #keyword(): Node {
    if (this.accept('if')) return this.#if();
    if (this.accept('try')) {
      const body = this.#postfix();
      const handler = this.accept('catch') ? this.#postfix() : undefined;
      return { kind: 'try', body, handler };
    }
    if (this.accept('reduce')) {
      const { source, patterns, init, update } = this.#loop();
      this.expect(')');
      return { kind: 'reduce', source, patterns, init, update };
    }
    if (this.accept('foreach')) {
      const loop = this.#loop();
      const extract = this.accept(';') ? this.pipe() : IDENTITY;
      this.expect(')');
      return { kind: 'foreach', ...loop, extract };
    }
    throw this.unexpected();
  }

  #if(): Node {
    const condition = this.pipe();
    this.expect('then');
    const whenTrue = this.pipe();
    if (this.accept('elif')) return { kind: 'if', condition, whenTrue, whenFalse: this.#if() };
    const whenFalse = this.accept('else') ? this.pipe() : IDENTITY;
    this.expect('end');
    return { kind: 'if', condition, whenTrue, whenFalse };
  }

  #loop() {
    const source = this.#postfix();
    this.expect('as');
    const patterns = this.#patterns();
    this.expect('(');
    const init = this.pipe();
    this.expect(';');
    const update = this.pipe();
    return { source, patterns, init, update };
  }

  #call(): Node {
    const name = this.next().text;
    const constant = CONSTANTS[name];
    if (constant !== undefined && !this.is('(')) return constant;
    if (name === 'break' && this.peek().kind === 'variable') return { kind: 'break', name: this.variable() };
    const args: Node[] = [];
    if (this.accept('(')) {
      do args.push(this.pipe());
      while (this.accept(';'));
      this.expect(')');
    }
    return { kind: 'call', name, args };
  }

  #definition(): Definition {
    this.expect('def');
    const name = this.name();
    const params: string[] = [];
    if (this.accept('(')) {
      do params.push(this.peek().kind === 'variable' ? `$${this.variable()}` : this.name());
      while (this.accept(';'));
      this.expect(')');
    }
    this.expect(':');
    const body = this.pipe();
    this.expect(';');
    return { name, params, body };
  }

  #object(): Node {
    const entries: { key: Node; value: Node }[] = [];
    if (this.accept('}')) return { kind: 'object', entries };
    do {
      if (this.is('}')) break;
      entries.push(this.#entry());
    } while (this.accept(','));
    this.expect('}');
    return { kind: 'object', entries };
  }

  #entry(): { key: Node; value: Node } {
    const token = this.peek();
    if (token.kind === 'variable') {
      this.next();
      const value: Node = token.text === '__loc__' ? LOCATION : { kind: 'variable', name: token.text };
      return { key: literal(token.text), value };
    }
    if (this.accept('(')) {
      const key = this.pipe();
      this.expect(')');
      this.expect(':');
      return { key, value: this.#entryValue() };
    }
    const key = this.#key();
    if (this.accept(':')) return { key, value: this.#entryValue() };
    return { key, value: { kind: 'index', target: IDENTITY, key } };
  }

  /** A name, a keyword or a string. */
  #key(): Node {
    const token = this.peek();
    if (token.kind === 'identifier' || token.kind === 'keyword') return literal(this.next().text);
    if (token.kind === 'string') return this.#string('text');
    if (token.kind === 'format' && this.peek(1).kind === 'string') {
      this.next();
      return this.#string(token.text.slice(1));
    }
    throw this.unexpected();
  }

  /** Terms and pipes; other operators need parentheses. */
  #entryValue(): Node {
    const left: Node = this.accept('-') ? { kind: 'negate', body: this.#entryValue() } : this.#postfix();
    return this.accept('|') ? { kind: 'pipe', left, right: this.#entryValue() } : left;
  }

  #patterns(): Patterns {
    const patterns = [this.#pattern()];
    while (this.accept('?//')) patterns.push(this.#pattern());
    return patterns;
  }

  #pattern(): Pattern {
    if (this.accept('[')) {
      const items: Pattern[] = [];
      do items.push(this.#pattern());
      while (this.accept(','));
      this.expect(']');
      return { kind: 'array', items };
    }
    if (this.accept('{')) {
      const entries: PatternEntry[] = [];
      do entries.push(this.#patternEntry());
      while (this.accept(','));
      this.expect('}');
      return { kind: 'object', entries };
    }
    return { kind: 'name', name: this.variable() };
  }

  #patternEntry(): PatternEntry {
    if (this.peek().kind === 'variable') {
      const name = this.variable();
      const value = this.accept(':') ? this.#pattern() : undefined;
      return { key: literal(name), name, value };
    }
    let key: Node;
    if (this.accept('(')) {
      key = this.pipe();
      this.expect(')');
    } else key = this.#key();
    this.expect(':');
    return { key, name: undefined, value: this.#pattern() };
  }

  #string(format: string): Node {
    const token = this.next();
    if (token.kind !== 'string') throw this.unexpected();
    const parts = token.parts.map((part) => {
      if (typeof part === 'string') return part;
      const parser = new Parser([...part]);
      const node = parser.pipe();
      parser.end();
      return node;
    });
    if (parts.length === 1 && typeof parts[0] === 'string') return literal(parts[0]);
    return { kind: 'string', format, parts };
  }
}

/** In `.a.b?`, the `?` applies to `.b` only: errors of `.a` are not caught. */
function optional(term: Node): Node {
  if ((term.kind === 'index' || term.kind === 'slice' || term.kind === 'iterate') && term.optional !== true) {
    return { ...term, optional: true };
  }
  return { kind: 'try', body: term, handler: undefined };
}

function literal(value: string): Node {
  return { kind: 'literal', value };
}
