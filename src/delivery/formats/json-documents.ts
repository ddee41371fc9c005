import { formatLimits } from './limits.ts';
import { parseError } from './malformed.ts';

/** Characters that a string must escape. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f]/;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

const ordinary = { enumerable: true, writable: true, configurable: true };

/** A number as it was written, because a double may not represent it exactly. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Parses consecutive JSON documents, with or without whitespace between them. Numbers keep their text. JSON.parse is
 * several times as fast; use this for records that it cannot read exactly.
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
    const object: Record<string, unknown> = {};
    this.#at++;
    this.#skipSpace();
    if (this.#isNext('}')) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail();
      const key = this.#string();
      this.#skipSpace();
      if (!this.#isNext(':')) this.#fail();
      const value = this.#value(depth + 1);
      if (key === '__proto__') Object.defineProperty(object, key, { value, ...ordinary });
      else object[key] = value;
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
    const end = this.#text.indexOf('"', start + 1);
    const text = end < 0 ? this.#failAt(this.#text.length) : this.#text.slice(start + 1, end);
    if (text.includes('\\')) return this.#escapedString();
    if (CONTROL.test(text)) this.#fail();
    this.#at = end + 1;
    return text;
  }

  #escapedString(): string {
    const start = this.#at;
    let at = start + 1;
    // At the end of the text, the code is NaN.
    for (let code = this.#text.charCodeAt(at); code !== 0x22; code = this.#text.charCodeAt(at)) {
      if (Number.isNaN(code)) this.#failAt(at);
      at += code === 0x5c ? 2 : 1;
    }
    try {
      const text = String(JSON.parse(this.#text.slice(start, at + 1)));
      this.#at = at + 1;
      return text;
    } catch {
      return this.#fail();
    }
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const [text] = NUMBER.exec(this.#text) ?? this.#fail();
    this.#at += text.length;
    // Refuses `01` and `1x`.
    if (isWordCode(this.#text.charCodeAt(this.#at))) this.#fail();
    return new JsonNumber(text);
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    if (isWordCode(this.#text.charCodeAt(this.#at))) this.#fail();
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

  #failAt(at: number): never {
    this.#at = at;
    return this.#fail();
  }

  #fail(): never {
    if (this.#at >= this.#text.length) throw parseError('Unexpected end of input');
    throw parseError(`Unexpected character ${JSON.stringify(this.#text[this.#at])} at position ${this.#at}`);
  }
}

/** Whether a character cannot follow a number or a word: letters, digits, `_`, `.`, `+` and `-`. */
function isWordCode(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true;
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x5f || code === 0x2e || code === 0x2b || code === 0x2d;
}
