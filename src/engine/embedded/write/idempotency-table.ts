import assert from 'node:assert/strict';
import type { Fingerprint } from '../format/fingerprint.ts';

/** The place of the frame that has the key; read only for a repeat. */
export interface KeyPlace {
  readonly segment: number;
  readonly position: number;
}

/** Words per place: fingerprint (low, high), position of the frame. */
const PLACE_WORDS = 3;
export const KEY_PLACE_BYTES = PLACE_WORDS * 4;

/** The idempotency keys of one segment, in the format of its footer. */
export class KeyPlaces {
  #words = new Uint32Array(PLACE_WORDS * 64);
  #length = 0;
  newestMs = 0;

  push(print: Fingerprint, position: number, storedMs: number): void {
    assert(position <= 0xff_ff_ff_ff, 'a commit beyond the range of a key place');
    const at = this.#length * PLACE_WORDS;
    if (at === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[at] = print.low;
    this.#words[at + 1] = print.high;
    this.#words[at + 2] = position;
    this.#length++;
    this.newestMs = Math.max(this.newestMs, storedMs);
  }

  toBytes(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#length * KEY_PLACE_BYTES);
    for (let at = 0; at < this.#length * PLACE_WORDS; at++) bytes.writeUInt32LE(this.#words[at] ?? 0, at * 4);
    return bytes;
  }
}

const SLOT_WORDS = 4;

/**
 * Recent idempotency keys in 16 bytes each: open addressing in a typed array. There are two tables, and the older one
 * is dropped as a whole: each lives for at least the keys' lifetime, or until it is full.
 */
export class IdempotencyTable {
  readonly #lifetimeMs: number;
  readonly #idempotencyKeysMax: number;
  #newer: Table;
  #older: Table | undefined;

  constructor(options: {
    readonly lifetimeMs: number;
    readonly idempotencyKeysMax: number;
    readonly nowMs: number;
  }) {
    this.#lifetimeMs = options.lifetimeMs;
    this.#idempotencyKeysMax = options.idempotencyKeysMax;
    this.#newer = new Table(options.nowMs);
  }

  add(print: Fingerprint, place: KeyPlace, nowMs: number): void {
    const { length, sinceMs } = this.#newer;
    if (length >= this.#idempotencyKeysMax / 2 || (length > 0 && nowMs - sinceMs > this.#lifetimeMs)) {
      this.#older = this.#newer;
      this.#newer = new Table(nowMs);
    }
    this.#newer.add(print, place);
  }

  /** Places whose key may match, newest last. */
  find(print: Fingerprint): KeyPlace[] {
    return [...(this.#older?.find(print) ?? []), ...this.#newer.find(print)];
  }
}

class Table {
  readonly sinceMs: number;
  #slots = new Uint32Array(SLOT_WORDS * 256);
  length = 0;

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }

  add(print: Fingerprint, place: KeyPlace): void {
    if (this.length * SLOT_WORDS * 1.6 > this.#slots.length) this.#grow();
    this.#put(print.low, print.high, place.segment, place.position);
    this.length++;
  }

  find(print: Fingerprint): KeyPlace[] {
    const found: KeyPlace[] = [];
    const slots = this.#slots;
    const mask = slots.length / SLOT_WORDS - 1;
    for (let slot = print.low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT_WORDS;
      const segment = slots[at + 2] ?? 0;
      if (segment === 0) return found;
      if (slots[at] === print.low && slots[at + 1] === print.high) {
        found.push({ segment, position: slots[at + 3] ?? 0 });
      }
    }
  }

  /** Segments are numbered from 1, so 0 marks an empty slot. */
  #put(low: number, high: number, segment: number, position: number): void {
    const slots = this.#slots;
    const mask = slots.length / SLOT_WORDS - 1;
    let slot = low & mask;
    while (slots[slot * SLOT_WORDS + 2] !== 0) slot = (slot + 1) & mask;
    const at = slot * SLOT_WORDS;
    slots[at] = low;
    slots[at + 1] = high;
    slots[at + 2] = segment;
    slots[at + 3] = position;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      const segment = old[at + 2] ?? 0;
      if (segment !== 0) this.#put(old[at] ?? 0, old[at + 1] ?? 0, segment, old[at + 3] ?? 0);
    }
  }
}
