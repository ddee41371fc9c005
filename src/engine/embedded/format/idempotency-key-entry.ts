import assert from 'node:assert/strict';
import type { Appended } from '../../engine.ts';
import { ByteReader, type ByteWriter } from './bytes.ts';
import { fingerprintAt, type Fingerprint } from './fingerprint.ts';

/** The frame stores a request with this idempotency key; this was its answer. */
export interface IdempotencyKeyEntry {
  readonly kind: 'idempotencyKey';
  readonly id: Uint8Array;
  readonly digest: Uint8Array;
  readonly storedMs: number;
  readonly flags: number;
  readonly answers: readonly Appended[];
  /** Of `id` and `digest`. */
  readonly print: Fingerprint;
}

/**
 * An entry as it is stored. Most are only looked up by their fingerprint, so the rest is decoded when it is asked for:
 * the memory that it was read from must be unchanged then.
 */
export class StoredKey implements IdempotencyKeyEntry {
  readonly kind = 'idempotencyKey';
  readonly storedMs: number;
  readonly flags: number;
  readonly print: Fingerprint;
  readonly #bytes: Buffer;
  readonly #idAt: number;
  readonly #digestAt: number;
  readonly #answersAt: number;
  readonly #answers: number;

  /** Throws RangeError at the end of the bytes. */
  constructor(from: ByteReader) {
    const [idBytes, digestBytes] = [from.u16(), from.u16()];
    this.#answers = from.u32();
    this.storedMs = from.u64();
    this.flags = from.u8();
    this.#bytes = from.buffer;
    this.#idAt = from.skip(idBytes + digestBytes);
    this.#digestAt = this.#idAt + idBytes;
    this.#answersAt = this.#digestAt + digestBytes;
    this.print = fingerprintAt(this.#bytes, this.#idAt, idBytes, digestBytes);
    from.skipVarints(this.#answers * 3);
  }

  get id(): Buffer {
    return this.#bytes.subarray(this.#idAt, this.#digestAt);
  }

  get digest(): Buffer {
    return this.#bytes.subarray(this.#digestAt, this.#answersAt);
  }

  get answers(): readonly Appended[] {
    const from = new ByteReader(this.#bytes, this.#answersAt);
    return Array.from({ length: this.#answers }, () => {
      const [log, firstIndex] = [from.varint(), from.varint()];
      return { log, firstIndex, arrivalMs: this.storedMs + from.varint() };
    });
  }
}

export function writeIdempotencyKey(out: ByteWriter, entry: IdempotencyKeyEntry): void {
  out.u16(entry.id.length);
  out.u16(entry.digest.length);
  out.u32(entry.answers.length);
  out.u64(entry.storedMs);
  out.u8(entry.flags);
  out.bytes(entry.id);
  out.bytes(entry.digest);
  for (const { log, firstIndex, arrivalMs } of entry.answers) {
    out.varint(log);
    out.varint(firstIndex);
    // An arrival is the time of the frame, or later when the clock has stepped back.
    assert(arrivalMs >= entry.storedMs, 'an arrival before that of its frame');
    out.varint(arrivalMs - entry.storedMs);
  }
}
