import assert from 'node:assert/strict';

import { until } from '../../support/until.ts';
import type { Caller } from './caller.ts';
import type { Counts, KnownRecords } from './known-records.ts';

/** Follows the object of a list log whose lines are `{voice} {n}`: every record is a line, once, in order. */
export class ListLogLines {
  readonly #path: string;
  readonly #known: KnownRecords;
  #bytes = 0;
  /** How many lines of each voice. */
  readonly #counts: number[] = [];

  constructor(path: string, known: KnownRecords) {
    this.#path = path;
    this.#known = known;
  }

  /** Waits for the lines of all these. */
  async until(counts: Counts, caller: Caller): Promise<void> {
    await until(
      async () => {
        await this.#read(caller);
        return counts.every((count, voice) => (this.#counts[voice] ?? 0) >= count);
      },
      { what: 'a line for each record', withinMs: 60_000 },
    );
  }

  /** That what was read piece by piece is what the object is as a whole. */
  async checkWhole(caller: Caller): Promise<void> {
    const whole = new ListLogLines(this.#path, this.#known);
    await whole.#read(caller);
    assert.equal(whole.#bytes, this.#bytes);
    assert.deepEqual(whole.#counts, this.#counts);
  }

  async #read(caller: Caller): Promise<void> {
    const bytes = await caller.getObject(this.#path, this.#bytes);
    this.#bytes += bytes.length;
    const text = bytes.toString();
    assert(text === '' || text.endsWith('\n'), 'the log is appended to by whole lines');
    for (const line of text.split('\n').slice(0, -1)) {
      const [voice = -1, n = -1] = line.split(' ').map(Number);
      assert.equal(n, this.#counts[voice] ?? 0, `the log has the line ${line}, once and in order`);
      this.#known.checkSent({ voice, n }, 'the log');
      this.#counts[voice] = n + 1;
    }
  }
}
