import { protocolLimits } from '../limits.ts';
import { SerializationError } from '../serialization-error.ts';
import { nameCountFor } from './name-count.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/**
 * Throws SerializationError for JSON with more values, more different names or deeper nesting than a request may have.
 * It only counts brackets, commas and strings before colons, and stops at the bound; the parser finds out whether the
 * JSON is valid.
 */
export function checkJsonBounds(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  const names = nameCountFor(bytes);
  let textStart = 0;
  let textEnd = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at] ?? 0) {
      case QUOTE:
        textStart = at + 1;
        textEnd = endOfText(bytes, at);
        at = textEnd;
        break;
      case COLON:
        names?.add(bytes, textStart, textEnd);
        break;
      case OPEN_LIST:
      case OPEN_MAP:
        if (++depth > protocolLimits.requestDepthMax) throw new SerializationError('', true);
        if (++values > protocolLimits.requestValuesMax) throw tooManyValues();
        break;
      case CLOSE_LIST:
      case CLOSE_MAP:
        depth--;
        break;
      case COMMA:
        if (++values > protocolLimits.requestValuesMax) throw tooManyValues();
        break;
      default:
    }
  }
}

/** Returns the index of the closing quote of the string that starts at `start`; past the end if there is none. */
export function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  // Names and short values are faster byte by byte, blobs by a search.
  for (const near = Math.min(at + SHORT_BYTES, bytes.length); at < near; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return bytes.length;
    let escapes = quote;
    while (escapes > at && bytes[escapes - 1] === BACKSLASH) escapes--;
    if ((quote - escapes) % 2 === 0) return quote;
    at = quote + 1;
  }
}

const SHORT_BYTES = 32;

export function tooManyValues(): SerializationError {
  return new SerializationError(`the request body holds more than ${protocolLimits.requestValuesMax} values`);
}
