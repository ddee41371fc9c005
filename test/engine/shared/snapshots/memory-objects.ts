import { createHash } from 'node:crypto';

import type { SnapshotObjects } from '../../../../src/engine/shared/snapshots/objects.ts';
import type { Random } from '../../simulation/random.ts';

/** A bucket in memory, as several processes use it. Its ETags are those of the content, as in S3. */
export class MemoryObjects {
  readonly objects = new Map<string, Buffer>();
  /** As stores do that do not know conditional writes. */
  ignoresConditions = false;
  /** As stores do whose lists lag behind what was written. */
  hasStaleLists = false;
  /** No request is answered. */
  isDown = false;
  /** Called after each change, with its key. */
  onChange: (key: string) => void = () => undefined;
  /** Keys in the order in which they were written. */
  readonly written: string[] = [];
  readonly #random: Random | undefined;
  readonly #lossChance: number;
  readonly #tags = new WeakMap<Buffer, string>();
  #stale: readonly (readonly [string, Buffer])[] = [];

  /** With `random`, every request takes a while, and it or its answer may be lost. */
  constructor(random?: Random, lossChance = 0.03) {
    this.#random = random;
    this.#lossChance = lossChance;
  }

  /** For one process. `pass` is awaited before and after each request: a process may be paused, or dead. */
  open(pass: () => Promise<void> = () => Promise.resolve()): SnapshotObjects {
    const ask = <Answer>(run: () => Answer): Promise<Answer> => this.#request(pass, run);
    return {
      create: (key, body) =>
        ask(() => (this.objects.has(key) && !this.ignoresConditions ? undefined : this.#write(key, body))),
      replace: (key, etag, body) =>
        ask(() => (this.#tagOf(key) === etag || this.ignoresConditions ? this.#write(key, body) : undefined)),
      put: (key, body) => ask(() => void this.#write(key, body)),
      read: (key) =>
        ask(() => {
          const body = this.objects.get(key);
          return body && { etag: this.#etagOf(body), body };
        }),
      list: (prefix) =>
        ask(() =>
          this.#listed()
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, body]) => ({ key, etag: this.#etagOf(body), bytes: body.length }))
            .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        ),
      delete: (key) =>
        ask(() => {
          if (this.objects.delete(key)) this.onChange(key);
        }),
    };
  }

  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  async #request<Answer>(pass: () => Promise<void>, run: () => Answer): Promise<Answer> {
    await pass();
    await this.#pause();
    if (this.isDown || this.#random?.chance(this.#lossChance) === true) throw new Error('lost request');
    const answer = run();
    await this.#pause();
    await pass();
    if (this.#random?.chance(this.#lossChance) === true) throw new Error('lost answer');
    return answer;
  }

  async #pause(): Promise<void> {
    const random = this.#random;
    if (random === undefined) return;
    const turns = random.chance(0.1) ? random.below(40) : random.below(3);
    for (let n = 0; n < turns; n++) await Promise.resolve();
    if (random.chance(0.2)) await new Promise((resolve) => setImmediate(resolve));
  }

  #listed(): readonly (readonly [string, Buffer])[] {
    if (!this.hasStaleLists || this.#random?.chance(0.3) !== false) this.#stale = [...this.objects];
    return this.#stale;
  }

  #tagOf(key: string): string | undefined {
    const body = this.objects.get(key);
    return body && this.#etagOf(body);
  }

  #write(key: string, body: Uint8Array): string {
    const copy = Buffer.from(body);
    this.objects.set(key, copy);
    this.written.push(key);
    this.onChange(key);
    return this.#etagOf(copy);
  }

  #etagOf(body: Buffer): string {
    const known = this.#tags.get(body);
    const tag = known ?? `"${createHash('md5').update(body).digest('hex')}"`;
    this.#tags.set(body, tag);
    return tag;
  }
}
