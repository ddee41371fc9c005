import { formatLimits } from './limits.ts';
import { parseError } from './malformed.ts';

/** A number as it was written: a double may not hold it. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A JSON text that holds documents one after another, with or without space between them; numbers keep their text.
 * JSON.parse is several times as fast: this is for records where it does not do.
 */
export class JsonDocuments {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Throws ConversionError. */
  all(): unknown[] {
    const documents: unknown[] = [];
    this.#skipSpace();
    while (this.#at < this.#text.length) {
      documents.push(this.#value(0));
      this.#skipSpace();
    }
    return documents;
  }

  #value(depth: number): unknown {
    if (depth > formatLimits.jsonDepthMax) throw parseError('The document is nested too deeply');
    this.#skipSpace();
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object(depth);
      case 0x5b:
        return this.#array(depth);
      case 0x22:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): object {
    // Without a prototype, `__proto__` is a key like others.
    const object = Object.create(null) as Record<string, unknown>;
    this.#at++;
    this.#skipSpace();
    if (this.#isNext('}')) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail();
      const key = this.#string();
      this.#skipSpace();
      if (!this.#isNext(':')) this.#fail();
      object[key] = this.#value(depth + 1);
      this.#skipSpace();
    } while (this.#isNext(','));
    if (!this.#isNext('}')) this.#fail();
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#isNext(']')) return array;
    do {
      array.push(this.#value(depth + 1));
      this.#skipSpace();
    } while (this.#isNext(','));
    if (!this.#isNext(']')) this.#fail();
    return array;
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) break;
      // Also at the end of the text, where the code is NaN.
      if (!(code >= 0x20)) this.#fail();
      at += code === 0x5c ? 2 : 1;
    }
    this.#at = at + 1;
    const raw = this.#text.slice(start, at + 1);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return String(JSON.parse(raw));
    } catch {
      this.#at = start;
      return this.#fail();
    }
  }

  #number(): JsonNumber {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = this.#at;
    const [text] = pattern.exec(this.#text) ?? this.#fail();
    this.#at += text.length;
    // As in `01` and `1x`.
    if (/[\w.+-]/.test(this.#text[this.#at] ?? '')) this.#fail();
    return new JsonNumber(text);
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    if (/\w/.test(this.#text[this.#at] ?? '')) this.#fail();
    return value;
  }

  #isNext(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #fail(): never {
    if (this.#at >= this.#text.length) throw parseError('Unexpected end of input');
    throw parseError(`Unexpected character ${JSON.stringify(this.#text[this.#at])} at position ${this.#at}`);
  }
}
