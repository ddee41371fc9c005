import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { LOG_START, type LogPlace, type SharedLog } from '../../../src/engine/shared/shared-log.ts';
import { append, framesUpTo, textsOf } from '../shared/log-contract.ts';

/** Appends frame after frame, and knows which were acknowledged, at which position, and when. */
export class Load {
  readonly #log: SharedLog;
  readonly #acknowledged: { readonly text: string; readonly position: number; readonly atMs: number }[] = [];
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(log: SharedLog) {
    this.#log = log;
  }

  get acknowledged(): number {
    return this.#acknowledged.length;
  }

  start(): void {
    this.#isStopping = false;
    this.#running = this.#run();
    // Awaited by `stop`.
    this.#running.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  /** Every acknowledged frame is at its position, all are there once, and nothing else is. */
  async check(t: TestContext, from: LogPlace = LOG_START): Promise<void> {
    const last = await append(this.#log, 'last');
    const frames = await framesUpTo(this.#log, from, last);
    const texts = textsOf(frames);
    assert.deepEqual(texts, [...this.#acknowledged.map(({ text }) => text), 'last']);
    const positions = frames.filter(({ kind }) => kind === 'commit').map(({ position }) => position);
    assert.deepEqual(positions, [...this.#acknowledged.map(({ position }) => position), last]);
    const pauses = this.#acknowledged.map(
      ({ atMs }, index) => atMs - (this.#acknowledged[index - 1]?.atMs ?? atMs),
    );
    const longest = Math.round(Math.max(...pauses));
    t.diagnostic(`${this.#acknowledged.length} frames; longest time without one: ${longest} ms`);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const text = `frame ${this.#acknowledged.length}`;
      const position = await append(this.#log, text);
      this.#acknowledged.push({ text, position, atMs: performance.now() });
    }
  }
}
