const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
const LITERALS: ReadonlyMap<number, Uint8Array> = new Map(
  ['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]),
);
const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const HEX_DIGITS = 4;

/**
 * Returns the index of the first byte that no JSON text can have there, or undefined if the bytes are JSON. It accepts
 * what JSON.parse accepts, but builds nothing: JSON.parse takes seconds for some megabytes of different names.
 */
export function invalidJsonAt(bytes: Uint8Array): number | undefined {
  const open = new OpenBrackets();
  let at = afterSpace(bytes, 0);
  for (;;) {
    const first = bytes[at];
    const isContainer = first === OPEN_LIST || first === OPEN_MAP;
    const inside = isContainer ? afterSpace(bytes, at + 1) : 0;
    if (isContainer && bytes[inside] !== (first === OPEN_MAP ? CLOSE_MAP : CLOSE_LIST)) {
      open.push(first === OPEN_MAP);
      at = first === OPEN_MAP ? afterName(bytes, inside) : inside;
    } else {
      at = isContainer ? inside + 1 : afterScalar(bytes, at);
      if (at >= 0) at = afterClosing(bytes, at, open);
      if (at >= 0 && open.depth === 0) return at === bytes.length ? undefined : at;
      if (at >= 0 && bytes[at] !== COMMA) return at;
      if (at >= 0) at = afterSpace(bytes, at + 1);
      if (at >= 0 && open.isMap) at = afterName(bytes, at);
    }
    if (at < 0) return ~at;
  }
}

/** Of which kind the lists and maps are that are not closed yet. */
class OpenBrackets {
  #kinds = new Uint8Array(64);
  depth = 0;

  push(isMap: boolean): void {
    if (this.depth === this.#kinds.length) {
      const longer = new Uint8Array(2 * this.depth);
      longer.set(this.#kinds);
      this.#kinds = longer;
    }
    this.#kinds[this.depth++] = isMap ? 1 : 0;
  }

  get isMap(): boolean {
    return this.#kinds[this.depth - 1] === 1;
  }
}

// The functions below return the index after what they read, or the complement (~) of that of the first wrong byte.

function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;) {
    byte = bytes[++at];
  }
  return at;
}

/** After all brackets that close here, and white space. */
function afterClosing(bytes: Uint8Array, from: number, open: OpenBrackets): number {
  let at = afterSpace(bytes, from);
  while (open.depth > 0 && bytes[at] === (open.isMap ? CLOSE_MAP : CLOSE_LIST)) {
    open.depth--;
    at = afterSpace(bytes, at + 1);
  }
  return at;
}

/** After a name, its colon, and white space. */
function afterName(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return ~from;
  const end = afterText(bytes, from);
  if (end < 0) return end;
  const colon = afterSpace(bytes, end);
  return bytes[colon] === COLON ? afterSpace(bytes, colon + 1) : ~colon;
}

function afterScalar(bytes: Uint8Array, from: number): number {
  const first = bytes[from] ?? 0;
  if (first === QUOTE) return afterText(bytes, from);
  const word = LITERALS.get(first);
  if (word === undefined) return afterNumber(bytes, from);
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return ~(from + i);
  return from + word.length;
}

function afterText(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20) return ~at;
    if (byte !== BACKSLASH) continue;
    at++;
    if (bytes[at] === 0x75) {
      for (let i = 0; i < HEX_DIGITS; i++) if (!isHexDigit(bytes[++at] ?? 0)) return ~at;
    } else if (!ESCAPES.has(bytes[at] ?? 0)) return ~at;
  }
  return ~bytes.length;
}

function afterNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  at = bytes[at] === ZERO ? at + 1 : afterDigits(bytes, at);
  if (at >= 0 && bytes[at] === POINT) at = afterDigits(bytes, at + 1);
  if (at >= 0 && ((bytes[at] ?? 0) | 0x20) === 0x65) {
    const isSigned = bytes[at + 1] === PLUS || bytes[at + 1] === MINUS;
    at = afterDigits(bytes, at + (isSigned ? 2 : 1));
  }
  return at;
}

/** At least one digit. */
function afterDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) >= ZERO && (bytes[at] ?? 0) <= NINE) at++;
  return at === from ? ~at : at;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= ZERO && byte <= NINE) || (letter >= 0x61 && letter <= 0x66);
}
