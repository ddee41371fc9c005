import { randomInt } from 'node:crypto';
import { protocolLimits } from '../limits.ts';
import { SerializationError } from '../serialization-error.ts';

const HASH_BITS = 20;
/** So that names whose hashes are the same here have others elsewhere. */
const seed = randomInt(2 ** 32);

/**
 * Counts the different names in a body, by their hashes: each new name takes a few microseconds of the parser, which
 * has to remember it, whatever object it is in.
 */
export class NameCount {
  readonly #seen = new Uint32Array(2 ** HASH_BITS / 32);
  #count = 0;

  /** Throws SerializationError if there are too many now. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let hash = seed;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
      hash ^= hash >>> 15;
    }
    const bit = Math.imul(hash, 0x2c1b3c6d) >>> (32 - HASH_BITS);
    const mask = 1 << (bit & 31);
    const word = this.#seen[bit >>> 5] ?? 0;
    if ((word & mask) !== 0) return;
    this.#seen[bit >>> 5] = word | mask;
    if (++this.#count > protocolLimits.requestNamesMax) throw tooManyNames();
  }
}

/** Undefined for a body that is too short for too many names. */
export function nameCountFor(body: Uint8Array): NameCount | undefined {
  return body.length > protocolLimits.requestNamesMax * NAME_BYTES_MIN ? new NameCount() : undefined;
}

/** A name of two letters and its value, in CBOR. */
const NAME_BYTES_MIN = 4;

function tooManyNames(): SerializationError {
  return new SerializationError(
    `the request body holds more than ${protocolLimits.requestNamesMax} different names`,
  );
}
