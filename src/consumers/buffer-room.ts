/** A read takes no more than this part of the memory. */
const READS_PER_ROOM = 32;

/**
 * The memory that waiting records of many shards may take together. When it is used up, shards deliver what they have,
 * before their batch is full, and read on only with the little that each may always hold: a target that is down must
 * not keep the others from reading.
 */
export class BufferRoom {
  readonly #bytesMax: number;
  /** What a shard may hold in any case. */
  readonly bytesEach: number;
  #bytes = 0;

  constructor(bytesMax: number, bytesEach: number) {
    this.#bytesMax = bytesMax;
    this.bytesEach = bytesEach;
  }

  /** Of one read. */
  get readBytesMax(): number {
    return this.isFull ? this.bytesEach : this.#bytesMax / READS_PER_ROOM;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#bytesMax;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
