import { queueLimits } from '../limits.ts';

interface Holder {
  dropAhead(): void;
}

/** Bounds the memory of messages that all queues together have read ahead: the queue that was used least lately gives its own up. */
export class ReadAhead {
  readonly #holders = new Map<Holder, number>();
  #bytes = 0;

  hold(holder: Holder, bytes: number): void {
    this.release(holder);
    this.#holders.set(holder, bytes);
    this.#bytes += bytes;
    for (const [oldest] of this.#holders) {
      if (this.#bytes <= queueLimits.readAheadBytesMax || oldest === holder) return;
      oldest.dropAhead();
    }
  }

  release(holder: Holder): void {
    this.#bytes -= this.#holders.get(holder) ?? 0;
    this.#holders.delete(holder);
  }
}
