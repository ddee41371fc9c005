/** A file of the modelled disk: what is surely on the disk, and what was written since and may be there. */
export class DiskFile {
  readonly kind = 'file';
  mode: number;
  #durable: Buffer = Buffer.alloc(0);
  /** In the order of the system calls. */
  #pending: PendingWrite[] = [];

  constructor(mode: number) {
    this.mode = mode;
  }

  write(order: number, offset: number, bytes: Buffer): void {
    this.#pending.push({ order, offset, bytes, length: undefined });
  }

  truncate(order: number, length: number): void {
    this.#pending.push({ order, offset: 0, bytes: Buffer.alloc(0), length });
  }

  /** A sync that had begun after these writes has ended well. */
  settle(order: number): void {
    const [covered, rest] = partition(this.#pending, (write) => write.order <= order);
    this.#durable = replay(this.#durable, covered);
    this.#pending = rest;
  }

  /**
   * A sync has failed: the kernel forgets that the pages are to be written, and no later sync writes them. Some of
   * them, and the new length, may have come to the disk before.
   */
  lose(order: number, random: () => number): void {
    const [covered, rest] = partition(this.#pending, (write) => write.order <= order);
    const before = this.#durable;
    const survivor = random() < 0.5 ? survivorOf(before, covered, 0.3, random) : before;
    this.#durable = survivor;
    this.#pending = rest;
  }

  /** As the running system sees it, as long as no page was lost. */
  get present(): Buffer {
    return replay(this.#durable, this.#pending);
  }

  /** What a power cut may leave. */
  survivor(random: () => number): Buffer {
    if (this.#pending.length === 0) return this.#durable;
    const share = [0, 0.3, 0.7, 1][Math.floor(random() * 4)] ?? 0;
    return survivorOf(this.#durable, this.#pending, share, random);
  }
}

interface PendingWrite {
  readonly order: number;
  readonly offset: number;
  readonly bytes: Buffer;
  /** Of a truncation. */
  readonly length: number | undefined;
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** The content after all the writes. */
function replay(content: Buffer, writes: readonly PendingWrite[]): Buffer {
  if (writes.length === 0) return content;
  const ends = writes.map(({ offset, bytes, length }) => length ?? offset + bytes.length);
  const result = Buffer.alloc(Math.max(content.length, ...ends));
  content.copy(result);
  let reached = content.length;
  for (const { offset, bytes, length } of writes) {
    if (length === undefined) {
      bytes.copy(result, offset);
      reached = Math.max(reached, offset + bytes.length);
    } else {
      if (length < reached) result.fill(0, length, reached);
      reached = length;
    }
  }
  return result.subarray(0, reached);
}

/**
 * Each page, or each sector when pages tear, is there as it was after any one of the writes; the length is that after
 * any of them, or just long enough for the pages that are there. Pages that never came are zeros.
 */
function survivorOf(
  durable: Buffer,
  pending: readonly PendingWrite[],
  share: number,
  random: () => number,
): Buffer {
  // A few of the versions are enough.
  const counts = Array.from({ length: pending.length + 1 }, (_, count) => count);
  const some = (counts.length <= 12 ? counts : sample(counts, 12, random)).map((count) =>
    replay(durable, pending.slice(0, count)),
  );
  const newest = some.at(-1) ?? durable;
  const unit = random() < 0.3 ? 512 : 4096;
  const longest = Math.max(...some.map(({ length }) => length));
  const content = Buffer.alloc(longest);
  durable.copy(content);
  let reached = durable.length;
  for (let at = 0; at < longest; at += unit) {
    if (random() >= share) continue;
    const version = random() < 0.5 ? newest : (some[Math.floor(random() * some.length)] ?? newest);
    if (version.length <= at) continue;
    content.fill(0, at, Math.min(at + unit, longest));
    version.copy(content, at, at, Math.min(at + unit, version.length));
    reached = Math.max(reached, Math.min(at + unit, version.length));
  }
  const lengths = random() < 0.5 ? some.map((version) => version.length) : [reached];
  return content.subarray(0, lengths[Math.floor(random() * lengths.length)]);
}

/** The first, the last, and some between them, in their order. */
function sample<Item>(items: readonly Item[], count: number, random: () => number): Item[] {
  const step = items.length / count;
  const picked = Array.from(
    { length: count - 1 },
    (_, place) => items[Math.floor((place + random()) * step)],
  );
  return [items[0], ...picked.slice(1), items.at(-1)].filter((item) => item !== undefined);
}
