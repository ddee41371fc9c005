import type { LogId, RecordBatch } from '../../engine.ts';

/** Memory of an entry besides its bytes. */
const OVERHEAD_BYTES = 200;

/**
 * The newest batches of all logs, bounded in bytes, so that readers at the tail need no disk. The oldest batch is
 * evicted first, whichever log it belongs to: the cached batches of a log are always its last ones, without a gap.
 */
export class TailCache {
  readonly #bytesMax: number;
  readonly #logs = new Map<LogId, Tail>();
  /** The logs of the batches in order of age: a queue as an array with a moving start. */
  #order: LogId[] = [];
  #orderStart = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(log: LogId, batch: RecordBatch): void {
    let tail = this.#logs.get(log);
    if (tail === undefined) this.#logs.set(log, (tail = new Tail()));
    tail.batches.push(batch);
    this.#order.push(log);
    this.#bytes += batch.bytes.length + OVERHEAD_BYTES;
    while (this.#bytes > this.#bytesMax && this.#orderStart < this.#order.length) this.#evict();
  }

  /** The batch that holds `index` and those after it; nothing when it is not cached. */
  *from(log: LogId, index: number): IterableIterator<RecordBatch> {
    const tail = this.#logs.get(log);
    if (tail === undefined) return;
    for (let at = tail.find(index); at !== -1 && at < tail.batches.length; at++) {
      const batch = tail.batches[at];
      if (batch !== undefined) yield batch;
    }
  }

  /** Records follow that are not cached: what is cached would not be the last of its log. */
  clear(): void {
    if (this.#bytes === 0) return;
    this.#logs.clear();
    this.#order = [];
    this.#orderStart = 0;
    this.#bytes = 0;
  }

  drop(log: LogId): void {
    const tail = this.#logs.get(log);
    if (tail === undefined) return;
    for (let at = tail.start; at < tail.batches.length; at++) this.#bytes -= cost(tail.batches[at]);
    this.#logs.delete(log);
  }

  #evict(): void {
    const log = this.#order[this.#orderStart++];
    if (this.#orderStart > 1024 && this.#orderStart * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#orderStart);
      this.#orderStart = 0;
    }
    const tail = log === undefined ? undefined : this.#logs.get(log);
    if (log === undefined || tail === undefined) return;
    this.#bytes -= cost(tail.shift());
    if (tail.start === tail.batches.length) this.#logs.delete(log);
  }
}

function cost(batch: RecordBatch | undefined): number {
  return batch === undefined ? 0 : batch.bytes.length + OVERHEAD_BYTES;
}

class Tail {
  batches: (RecordBatch | undefined)[] = [];
  start = 0;

  shift(): RecordBatch | undefined {
    const batch = this.batches[this.start];
    this.batches[this.start++] = undefined;
    if (this.start > 64 && this.start * 2 > this.batches.length) {
      this.batches = this.batches.slice(this.start);
      this.start = 0;
    }
    return batch;
  }

  /** Position of the batch that holds `index`; -1 when it is not cached. */
  find(index: number): number {
    let low = this.start;
    let high = this.batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.batches[middle]?.firstIndex ?? 0) > index) high = middle;
      else low = middle + 1;
    }
    const batch = low > this.start ? this.batches[low - 1] : undefined;
    return batch !== undefined && index < batch.firstIndex + batch.count ? low - 1 : -1;
  }
}
