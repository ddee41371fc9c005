/** A set of integers that are mostly consecutive: its memory grows with the number of gaps, not of members. */
export class IdRanges {
  /** Disjoint, not adjacent, sorted; the ends are exclusive. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  has(id: number): boolean {
    const place = this.#firstEndingAfter(id);
    return (this.#starts[place] ?? Infinity) <= id;
  }

  add(from: number, until = from + 1): void {
    // Merge all ranges that touch the new one.
    const first = this.#firstEndingAfter(from - 1);
    let [start, end, last] = [from, until, first];
    for (; (this.#starts[last] ?? Infinity) <= until; last++) {
      start = Math.min(start, this.#starts[last] ?? start);
      end = Math.max(end, this.#ends[last] ?? end);
    }
    this.#starts.splice(first, last - first, start);
    this.#ends.splice(first, last - first, end);
  }

  *[Symbol.iterator](): IterableIterator<{ readonly from: number; readonly until: number }> {
    for (const [place, from] of this.#starts.entries()) yield { from, until: this.#ends[place] ?? from + 1 };
  }

  #firstEndingAfter(id: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? 0) > id) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
