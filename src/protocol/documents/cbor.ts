import { protocolLimits } from '../limits.ts';
import { SerializationError } from '../serialization-error.ts';
import { type NameCount, nameCountFor } from './name-count.ts';
import { tooManyValues } from './value-bounds.ts';

export const TAG_EPOCH = 1;

/** A timestamp (tag 1). The protocol determines its unit. */
export class CborTime {
  readonly epoch: number;

  constructor(epoch: number) {
    this.epoch = epoch;
  }
}

/**
 * Decodes one CBOR item (RFC 8949): maps with text keys as objects, byte strings as views of `bytes`, integers beyond
 * 2^53 as bigint. Throws SerializationError for input that is malformed, truncated, followed by more, nested too
 * deeply, or has too many values or different names.
 */
export function decodeCbor(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (value === BREAK || !reader.atEnd) throw malformed();
  return value;
}

const BREAK = Symbol('break');

class Reader {
  readonly #bytes: Buffer;
  #position = 0;
  readonly #names: NameCount | undefined;
  #valuesLeft: number = protocolLimits.requestValuesMax;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#names = nameCountFor(bytes);
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  item(depth: number): unknown {
    if (depth > protocolLimits.requestDepthMax) throw malformed();
    if (--this.#valuesLeft < 0) throw tooManyValues();
    const initial = this.#byte();
    const info = initial & 31;
    switch (initial >> 5) {
      case 0:
        return this.#argument(info);
      case 1:
        return negative(this.#argument(info));
      case 2:
        return info === 31 ? Buffer.concat(this.#pieces(2)) : this.#take(this.#length(info));
      case 3:
        if (info === 31) return Buffer.concat(this.#pieces(3)).toString('utf8');
        return this.#take(this.#length(info)).toString('utf8');
      case 4:
        return this.#array(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        return this.#tagged(info, depth);
      default:
        return this.#simple(info);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw malformed();
    return byte;
  }

  #take(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw malformed();
    const slice = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return slice;
  }

  /** The key of a map: nearly always a text of known length. */
  #key(depth: number): unknown {
    const initial = this.#bytes[this.#position] ?? 0;
    if (initial >> 5 !== 3 || (initial & 31) === 31) return this.item(depth);
    this.#position++;
    const length = this.#length(initial & 31);
    const start = this.#position;
    this.#position += length;
    this.#names?.add(this.#bytes, start, this.#position);
    return nameAt(this.#bytes, start, this.#position);
  }

  /** Unsigned, of up to four bytes. */
  #number(bytes: number): number {
    let number = 0;
    for (let left = bytes; left > 0; left--) number = number * 0x100 + this.#byte();
    return number;
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    switch (info) {
      case 24:
        return this.#byte();
      case 25:
        return this.#number(2);
      case 26:
        return this.#number(4);
      case 27: {
        const wide = this.#take(8).readBigUInt64BE();
        return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
      }
      default:
        throw malformed();
    }
  }

  /**
   * A length or count. It is never more than the remaining bytes, so that a client cannot make the server allocate
   * memory by a number alone.
   */
  #length(info: number): number {
    const length = Number(this.#argument(info));
    if (length > this.#bytes.length - this.#position) throw malformed();
    return length;
  }

  #pieces(major: number): Buffer[] {
    const pieces: Buffer[] = [];
    for (let initial = this.#byte(); initial !== 0xff; initial = this.#byte()) {
      if (initial >> 5 !== major) throw malformed();
      if (--this.#valuesLeft < 0) throw tooManyValues();
      pieces.push(this.#take(this.#length(initial & 31)));
    }
    return pieces;
  }

  #array(info: number, depth: number): unknown[] {
    const out: unknown[] = [];
    if (info === 31) {
      for (let item = this.item(depth + 1); item !== BREAK; item = this.item(depth + 1)) out.push(item);
      return out;
    }
    for (let left = this.#length(info); left > 0; left--) out.push(this.#present(depth));
    return out;
  }

  #map(info: number, depth: number): object {
    const out: Record<string, unknown> = {};
    let left = info === 31 ? Infinity : this.#length(info);
    for (; left > 0; left--) {
      const key = this.#key(depth + 1);
      if (key === BREAK && info === 31) break;
      if (typeof key !== 'string') throw malformed();
      const value = this.#present(depth);
      if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true });
      else out[key] = value;
    }
    return out;
  }

  #present(depth: number): unknown {
    const item = this.item(depth + 1);
    if (item === BREAK) throw malformed();
    return item;
  }

  #tagged(info: number, depth: number): unknown {
    const tag = this.#argument(info);
    const value = this.#present(depth);
    if (tag !== TAG_EPOCH) return value;
    if (typeof value !== 'number' && typeof value !== 'bigint') throw malformed();
    return new CborTime(Number(value));
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return halfFloat(this.#take(2).readUInt16BE());
      case 26:
        return this.#take(4).readFloatBE();
      case 27:
        return this.#take(8).readDoubleBE();
      case 31:
        return BREAK;
      default:
        throw malformed();
    }
  }
}

/**
 * Member names repeat, and finding one is faster than decoding it. Keyed by length and last byte; the newer of two
 * that collide is kept.
 */
const namesSeen = new Map<number, { readonly bytes: Buffer; readonly name: string }>();
/** Only names in AWS's form are kept, so that names invented by a client take little memory. */
const NAME = /^[A-Z][A-Za-z]{0,39}$/;

function nameAt(bytes: Buffer, start: number, end: number): string {
  const place = ((end - start) << 8) | (bytes[end - 1] ?? 0);
  const seen = namesSeen.get(place);
  if (seen !== undefined && isAt(bytes, start, seen.bytes)) return seen.name;
  const name = bytes.toString('utf8', start, end);
  if (NAME.test(name)) namesSeen.set(place, { bytes: Buffer.from(name), name });
  return name;
}

function isAt(bytes: Buffer, start: number, wanted: Buffer): boolean {
  for (let at = 0; at < wanted.length; at++) if (bytes[start + at] !== wanted[at]) return false;
  return true;
}

function negative(argument: number | bigint): number | bigint {
  return typeof argument === 'bigint' ? -1n - argument : -1 - argument;
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function malformed(): SerializationError {
  return new SerializationError('', true);
}
