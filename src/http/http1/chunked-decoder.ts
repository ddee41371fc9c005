import { httpLimits } from '../limits.ts';
import { malformed } from './syntax-error.ts';

type Expected = 'size' | 'data' | 'end of data' | 'trailer' | 'nothing';

const SIZE = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const TRAILER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;
const LINE_FEED = 0x0a;

/** Decodes chunked bodies (RFC 9112, section 7.1). Extensions and trailers are parsed and ignored. */
export class ChunkedDecoder {
  #expected: Expected = 'size';
  #left = 0;
  #line = '';
  #trailerBytes = 0;

  get done(): boolean {
    return this.#expected === 'nothing';
  }

  /**
   * Emits the data in the bytes. Returns how many bytes were consumed: all, except at the end of the body. Throws
   * HttpSyntaxError.
   */
  decode(bytes: Buffer, emit: (data: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && this.#expected !== 'nothing') {
      if (this.#expected === 'data') {
        const end = Math.min(at + this.#left, bytes.length);
        emit(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#expected = 'end of data';
      } else at = this.#readLine(bytes, at);
    }
    return at;
  }

  #readLine(bytes: Buffer, from: number): number {
    const feed = bytes.indexOf(LINE_FEED, from);
    const end = feed === -1 ? bytes.length : feed + 1;
    this.#line += bytes.toString('latin1', from, end);
    if (this.#line.length > httpLimits.chunkLineBytesMax)
      throw malformed('a line between chunks is too long');
    if (feed === -1) return end;
    if (!this.#line.endsWith('\r\n')) throw malformed('a line between chunks does not end with CRLF');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    this.#expected = this.#after(line);
    return end;
  }

  #after(line: string): Expected {
    switch (this.#expected) {
      case 'size': {
        const size = SIZE.exec(line)?.[1];
        if (size === undefined) throw malformed('a chunk size is not a number');
        this.#left = Number.parseInt(size, 16);
        return this.#left === 0 ? 'trailer' : 'data';
      }
      case 'end of data':
        if (line !== '') throw malformed('a chunk is longer than its size');
        return 'size';
      case 'trailer':
        if (line === '') return 'nothing';
        this.#trailerBytes += line.length;
        if (!TRAILER.test(line) || this.#trailerBytes > httpLimits.headersBytesMax) {
          throw malformed('the bytes after a chunk are not valid HTTP');
        }
        return 'trailer';
      case 'data':
      case 'nothing':
        throw new Error(`no line is parsed in the state ${this.#expected}`);
    }
  }
}
