import type { Objects } from '../../../src/engine/s3-log/objects.ts';

/** What goes wrong with one request: it is lost, or its answer is. */
export type Fault = 'lose request' | 'lose answer';

/** A bucket in memory, as several clients use it. */
export class MemoryBucket {
  readonly objects = new Map<string, Buffer>();
  /** As stores do that do not know conditional writes. */
  ignoresConditions = false;
  /** No request is answered. */
  isDown = false;
  readonly faults: Fault[] = [];
  /** By name of the operation. */
  readonly requests = new Map<string, number>();
  /** Reads that are under way, and the most that were. */
  reading = 0;
  readingMax = 0;

  open(): Objects {
    return {
      create: (key, body) =>
        this.#request('create', () => {
          if (this.objects.has(key) && !this.ignoresConditions) return false;
          this.objects.set(key, Buffer.from(body));
          return true;
        }),
      read: async (key) => {
        this.readingMax = Math.max(this.readingMax, ++this.reading);
        return await this.#request('read', () => this.objects.get(key)).finally(() => this.reading--);
      },
      exists: (key) => this.#request('exists', () => this.objects.has(key)),
      delete: (key) => this.#request('delete', () => void this.objects.delete(key)),
      list: (prefix, keysMax) =>
        this.#request('list', () =>
          [...this.objects.keys()]
            .filter((key) => key.startsWith(prefix))
            .toSorted()
            .slice(0, keysMax),
        ),
      close: () => undefined,
    };
  }

  async #request<Answer>(name: string, run: () => Answer): Promise<Answer> {
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    await new Promise((resolve) => setImmediate(resolve));
    if (this.isDown) throw new Error('no answer');
    const fault = name === 'delete' || name === 'list' ? undefined : this.faults.shift();
    if (fault === 'lose request') throw new Error('lost request');
    const answer = run();
    await new Promise((resolve) => setImmediate(resolve));
    if (fault === 'lose answer') throw new Error('lost answer');
    return answer;
  }
}
