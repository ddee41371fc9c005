import assert from 'node:assert/strict';

import type { Given, Put, Told } from './told.ts';

const DAY_MS = 24 * 3_600_000;
const STEP_MS = 2 * 3_600_000;

interface Writer {
  /** When each record, by its number, was known to be stored. */
  readonly storedMs: number[];
  pending: Put | undefined;
  /** The number of the last record that the consumer was handed. */
  handled: number;
}

/** What must be true of a store, by what its processes acknowledged before they were killed. */
export class Known {
  readonly #writers: Writer[];
  readonly #streams = new Map<string, string>();
  #tagged = 0;
  #tagging = 0;
  #offsetMs = 0;
  lines: readonly string[] | undefined;
  ready = false;

  constructor(writers: number) {
    this.#writers = Array.from({ length: writers }, () => ({
      storedMs: [],
      pending: undefined,
      handled: -1,
    }));
  }

  get records(): number {
    return this.#writers.reduce((sum, { storedMs }) => sum + storedMs.length, 0);
  }

  given(seed: number, last: boolean): Given {
    if (this.ready) this.#offsetMs += STEP_MS;
    this.ready = false;
    const pending = this.#writers.map((writer) => writer.pending).filter((put) => put !== undefined);
    const next = this.#writers.map(({ storedMs, pending: put }) => storedMs.length + (put?.count ?? 0));
    const records = next.reduce((sum, count) => sum + count, 0);
    const handled = this.#writers.map((writer) => writer.handled);
    return { seed, offsetMs: this.#offsetMs, pending, next, handled, tag: this.#tagging, last, records };
  }

  take(told: Told): void {
    switch (told.kind) {
      case 'dump':
        return this.#check(told);
      case 'ready':
        this.ready = true;
        return;
      case 'try':
        this.#writer(told.put.writer).pending = told.put;
        return;
      case 'stored': {
        const writer = this.#writer(told.put.writer);
        assert.equal(writer.storedMs.length, told.put.from);
        for (let n = 0; n < told.put.count; n++) writer.storedMs.push(told.atMs);
        writer.pending = undefined;
        return;
      }
      case 'handled':
        for (const [of, n] of told.records) {
          const writer = this.#writer(of);
          assert(
            n <= writer.handled + 1,
            `the consumer was handed record ${n} of ${of} after ${writer.handled}`,
          );
          writer.handled = Math.max(writer.handled, n);
        }
        return;
      case 'tagging':
        this.#tagging = told.value;
        return;
      case 'tagged':
        this.#tagged = told.value;
        return;
      case 'stream':
        this.#streams.set(told.name, told.step);
        return;
      case 'lines':
        this.lines = told.lines;
    }
  }

  /** In the end: a line for each record in the order of its writer, and all were handed to the consumer. */
  checkEnd(): void {
    for (const [of, { storedMs, handled }] of this.#writers.entries()) {
      assert.equal(handled, storedMs.length - 1, `the consumer was handed all of writer ${of}`);
      const own = this.lines?.filter((line) => line.startsWith(`${of} `));
      assert.deepEqual(
        own,
        storedMs.map((_, n) => `${of} ${n}`),
      );
    }
  }

  /** Nothing acknowledged is lost or there twice, all in order; only what is older than a day may be gone. */
  #check(dump: Extract<Told, { kind: 'dump' }>): void {
    const sorted = dump.records.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [of, { storedMs }] of this.#writers.entries()) {
      const found = sorted.filter(([, writer]) => writer === of).map(([, , n]) => n);
      const first = found[0] ?? storedMs.length;
      const expected = Array.from({ length: storedMs.length - first }, (_, n) => first + n);
      assert.deepEqual(found, expected, `the records of writer ${of}`);
      const oldest = storedMs.findIndex((atMs) => atMs + DAY_MS > dump.nowMs + 1000);
      assert(
        oldest === -1 || first <= oldest,
        `writer ${of}: record ${oldest} is gone, ${first} is the first`,
      );
    }
    assert(dump.tag >= this.#tagged && dump.tag <= this.#tagging, `tag ${dump.tag}, known ${this.#tagged}`);
    const there = new Set(dump.streams);
    for (const [name, step] of this.#streams) {
      if (step === 'created') assert(there.has(name), `${name} was created`);
      // Once begun, a deletion is finished after a restart; when it was not begun the stream is there.
      if (step === 'deleted') assert(!there.has(name), `${name} was deleted`);
    }
  }

  #writer(of: number): Writer {
    const writer = this.#writers[of];
    assert(writer !== undefined);
    return writer;
  }
}
