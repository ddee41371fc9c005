import { consoleLimits } from './limits.ts';

/**
 * The most frequent keys of a sequence, in bounded memory whatever the keys are: a count-min sketch
 * (http://dimacs.rutgers.edu/~graham/pubs/papers/cm-full.pdf), whose counts are never too low, and the keys with the
 * highest counts.
 */
export class KeySketch {
  readonly #counts = new Uint32Array(consoleLimits.sketchWidth * consoleLimits.sketchDepth);
  readonly #top = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(key: string): void {
    this.#total++;
    const count = this.#count(key);
    if (this.#top.has(key) || this.#top.size < consoleLimits.hotKeysMax * 2) {
      this.#top.set(key, count);
      return;
    }
    let least: [string, number] | undefined;
    for (const entry of this.#top) if (least === undefined || entry[1] < least[1]) least = entry;
    if (least === undefined || count <= least[1]) return;
    this.#top.delete(least[0]);
    this.#top.set(key, count);
  }

  /** The most frequent keys with their share of all. */
  top(): { readonly key: string; readonly share: number }[] {
    return [...this.#top]
      .toSorted(([, left], [, right]) => right - left)
      .slice(0, consoleLimits.hotKeysMax)
      .map(([key, count]) => ({ key, share: Math.min(1, count / this.#total) }));
  }

  #count(key: string): number {
    const { sketchWidth, sketchDepth } = consoleLimits;
    let hash = 0x811c9dc5;
    for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    let least = Infinity;
    for (let row = 0; row < sketchDepth; row++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d + row);
      const at = row * sketchWidth + ((hash >>> 0) % sketchWidth);
      const count = (this.#counts[at] ?? 0) + 1;
      this.#counts[at] = count;
      if (count < least) least = count;
    }
    return least;
  }
}
