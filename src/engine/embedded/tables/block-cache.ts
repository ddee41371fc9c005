/** What an entry costs besides its memory. */
const OVERHEAD_BYTES = 200;
/** Memory comes in multiples of this, so that blocks of nearly the same length can take each other's place. */
const UNIT_BYTES = 512;
/** The share of the cache that may be memory without a block. */
const FREE_SHARE = 1 / 8;

interface Entry {
  readonly memory: Buffer;
  readonly body: Buffer;
}

/**
 * Blocks in memory up to a number of bytes, the least recently used going first. Their memory is used again for the
 * blocks that come after them: left to the garbage collector, which cares about it late, a cache of 32 MiB took
 * 200 MiB under random reads. So nobody may keep a view of a block: `use` copies what it wants.
 */
export class BlockCache {
  readonly #bytesMax: number;
  readonly #entries = new Map<string, Entry>();
  /** By their length. */
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;
  /** Of entries, of free memory, and of what is being read into. */
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * What `use` makes of the block; it runs before anything else can change the block. `read` fills the memory and gives
   * the block's body in it.
   */
  async use<Result>(
    key: string,
    bytes: number,
    read: (into: Buffer) => Promise<Buffer>,
    use: (body: Buffer) => Result,
  ): Promise<Result> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return use(known.body);
    }
    const memory = this.#take(bytes);
    let isKept = false;
    try {
      const body = await read(memory.subarray(0, bytes));
      const result = use(body);
      isKept = this.#keep(key, { memory, body });
      return result;
    } finally {
      if (!isKept) this.#release(memory);
    }
  }

  #take(bytes: number): Buffer {
    const length = Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES;
    const free = this.#popFree(length);
    if (free !== undefined) return free;
    while (this.#bytes + length + OVERHEAD_BYTES > this.#bytesMax && this.#entries.size > 0) {
      const evicted = this.#evict();
      if (evicted?.length === length) return evicted;
      if (evicted !== undefined) this.#release(evicted);
    }
    this.#bytes += length + OVERHEAD_BYTES;
    return Buffer.allocUnsafeSlow(length);
  }

  /** False when another read of the same block was faster, or the cache is too small. */
  #keep(key: string, entry: Entry): boolean {
    if (this.#entries.has(key)) return false;
    while (this.#bytes > this.#bytesMax) {
      const evicted = this.#evict();
      if (evicted === undefined) return false;
      this.#drop(evicted);
    }
    this.#entries.set(key, entry);
    return true;
  }

  #evict(): Buffer | undefined {
    for (const [key, { memory }] of this.#entries) {
      this.#entries.delete(key);
      return memory;
    }
    return undefined;
  }

  #popFree(length: number): Buffer | undefined {
    const memory = this.#free.get(length)?.pop();
    if (memory !== undefined) this.#freeBytes -= length;
    return memory;
  }

  #release(memory: Buffer): void {
    const { length } = memory;
    if (this.#bytes > this.#bytesMax || this.#freeBytes + length > this.#bytesMax * FREE_SHARE) {
      return this.#drop(memory);
    }
    const same = this.#free.get(length);
    if (same === undefined) this.#free.set(length, [memory]);
    else same.push(memory);
    this.#freeBytes += length;
  }

  #drop({ length }: Buffer): void {
    this.#bytes -= length + OVERHEAD_BYTES;
  }
}
