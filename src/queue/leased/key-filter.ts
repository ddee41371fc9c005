import { queueLimits } from '../limits.ts';

/** Four bits of each key, of 32 for each key that fits: one of about two thousand unknown keys seems to be known. */
const BITS_PER_KEY = 32;
const HASHES = 4;
const BITS = queueLimits.filterKeys * BITS_PER_KEY;

interface Filter {
  readonly bits: Uint8Array;
  keys: number;
}

/**
 * Bloom filters for the keys of a period and the one before it, by their MD5. More keys need more filters, which are
 * forgotten with their period.
 */
export class KeyFilter {
  #period = -1;
  #current: Filter[] = [];
  #previous: Filter[] = [];
  readonly #digest = Buffer.alloc(HASHES * 4);
  readonly #places: number[] = Array.from({ length: HASHES }, () => 0);

  /** Adds a key, its MD5 in base64url. Never true for one that was added in this period or the one before. */
  add(key: string, period: number): boolean {
    this.#turnTo(period);
    this.#digest.write(key, 'base64url');
    for (let at = 0; at < HASHES; at++) this.#places[at] = this.#digest.readUInt32LE(at * 4) % BITS;
    const isNew = !this.#isIn(this.#current) && !this.#isIn(this.#previous);
    let filter = this.#current.at(-1);
    if (filter === undefined || filter.keys >= queueLimits.filterKeys) {
      filter = { bits: new Uint8Array(BITS / 8), keys: 0 };
      this.#current.push(filter);
    }
    filter.keys++;
    for (const bit of this.#places) filter.bits[bit >> 3] = (filter.bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    return isNew;
  }

  #isIn(filters: readonly Filter[]): boolean {
    return filters.some(({ bits }) =>
      this.#places.every((bit) => ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0),
    );
  }

  #turnTo(period: number): void {
    if (period <= this.#period) return;
    this.#previous = period === this.#period + 1 ? this.#current : [];
    this.#current = [];
    this.#period = period;
  }
}
