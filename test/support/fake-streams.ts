import {
  type ShardReader,
  type ShardView,
  type StartingPosition,
  type StreamRecord,
  type StreamSource,
  type StreamView,
  UnknownShardError,
} from '../../src/consumers/source.ts';

const HASH_KEYS = 2n ** 128n;

interface FakeShard extends ShardView {
  closed: boolean;
  /** Index of the oldest kept record. */
  first: number;
  readonly records: StreamRecord[];
}

interface FakeStream {
  readonly name: string;
  readonly incarnation: string;
  readonly shards: Map<string, FakeShard>;
}

/** Streams in memory, moved by the test: what readers see of a stream without one that is kept. */
export class FakeStreams implements StreamSource {
  readonly #streams = new Map<string, FakeStream>();
  readonly #listeners = new Set<(streamName: string) => void>();
  readonly #waiting = new Set<() => void>();
  readonly #now: () => number;
  /** ARNs of the registered consumers. */
  readonly consumers = new Set<string>();
  #incarnations = 0;
  #shards = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  create(name: string, shardCount = 1): string[] {
    const stream: FakeStream = { name, incarnation: `i${++this.#incarnations}`, shards: new Map() };
    this.#streams.set(name, stream);
    this.#shards = 0;
    const size = HASH_KEYS / BigInt(shardCount);
    const ids = Array.from({ length: shardCount }, (_, index) => {
      const end = index === shardCount - 1 ? HASH_KEYS : size * BigInt(index + 1);
      return this.#addShard(stream, [], size * BigInt(index), end - 1n);
    });
    this.#changed(name);
    return ids;
  }

  delete(name: string): void {
    this.#streams.delete(name);
    this.#changed(name);
  }

  put(name: string, shardId: string, ...texts: string[]): void {
    for (const text of texts) this.putRecord(name, shardId, text.split('=')[0] ?? text, Buffer.from(text));
  }

  putRecord(name: string, shardId: string, partitionKey: string, data: Uint8Array): void {
    const shard = this.#shard(name, shardId);
    if (shard.closed) throw new Error(`${shardId} is closed`);
    const sequenceNumber = String(10 ** 6 + shard.records.length);
    shard.records.push({
      sequenceNumber,
      partitionKey,
      explicitHashKey: undefined,
      data,
      arrivalMs: this.#now(),
    });
    this.#wake();
  }

  split(name: string, shardId: string): string[] {
    const shard = this.#shard(name, shardId);
    const middle = (shard.startingHashKey + shard.endingHashKey) / 2n;
    shard.closed = true;
    const children = [
      this.#addShard(this.#stream(name), [shardId], shard.startingHashKey, middle),
      this.#addShard(this.#stream(name), [shardId], middle + 1n, shard.endingHashKey),
    ];
    this.#changed(name);
    return children;
  }

  merge(name: string, lower: string, upper: string): string {
    const first = this.#shard(name, lower);
    const second = this.#shard(name, upper);
    first.closed = true;
    second.closed = true;
    const stream = this.#stream(name);
    const child = this.#addShard(stream, [lower, upper], first.startingHashKey, second.endingHashKey);
    this.#changed(name);
    return child;
  }

  /** Retention: the first `count` records are gone. */
  trim(name: string, shardId: string, count: number): void {
    this.#shard(name, shardId).first = count;
  }

  /** Retention: a closed shard whose records have all expired leaves the list. */
  expire(name: string, shardId: string): void {
    this.#stream(name).shards.delete(shardId);
    this.#changed(name);
  }

  describe(nameOrArn: string): StreamView | undefined {
    const [streamArn = '', consumer] = nameOrArn.split('/consumer/');
    if (consumer !== undefined && !this.consumers.has(nameOrArn)) return undefined;
    const name = streamArn.split('/').at(-1) ?? streamArn;
    const stream = this.#streams.get(name);
    if (stream === undefined) return undefined;
    const shards = [...stream.shards.values()].map((shard) => ({ ...shard }));
    const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
    return { name, arn, incarnation: stream.incarnation, shards };
  }

  async open(stream: StreamView, shardId: string, position: StartingPosition): Promise<ShardReader> {
    const find = (): FakeShard => {
      const current = this.#streams.get(stream.name);
      const shard = current?.incarnation === stream.incarnation ? current.shards.get(shardId) : undefined;
      if (shard === undefined) throw new UnknownShardError(shardId);
      return shard;
    };
    return new FakeReader(find, position, this.#now, (resolve) => this.#waiting.add(resolve));
  }

  onChange(listener: (streamName: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #addShard(stream: FakeStream, parentShardIds: string[], start: bigint, end: bigint): string {
    const shardId = `shardId-${String(this.#shards++).padStart(12, '0')}`;
    const range = { startingHashKey: start, endingHashKey: end };
    stream.shards.set(shardId, { shardId, parentShardIds, closed: false, ...range, first: 0, records: [] });
    return shardId;
  }

  #stream(name: string): FakeStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new Error(`no stream ${name}`);
    return stream;
  }

  #shard(name: string, shardId: string): FakeShard {
    const shard = this.#stream(name).shards.get(shardId);
    if (shard === undefined) throw new Error(`no shard ${shardId}`);
    return shard;
  }

  #changed(name: string): void {
    for (const listener of this.#listeners) listener(name);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

class FakeReader implements ShardReader {
  readonly #find: () => FakeShard;
  readonly #now: () => number;
  readonly #onWake: (resolve: () => void) => void;
  #next: number;

  constructor(
    find: () => FakeShard,
    position: StartingPosition,
    now: () => number,
    onWake: (resolve: () => void) => void,
  ) {
    this.#find = find;
    this.#now = now;
    this.#onWake = onWake;
    this.#next = place(find(), position);
  }

  position(): { type: 'AT_SEQUENCE_NUMBER'; sequenceNumber: string } {
    return { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: String(10 ** 6 + this.#next) };
  }

  async read({ maxRecords, maxBytes }: { readonly maxRecords: number; readonly maxBytes: number }) {
    const shard = this.#find();
    this.#next = Math.max(this.#next, shard.first);
    const records: StreamRecord[] = [];
    let bytes = 0;
    for (const record of shard.records.slice(this.#next, this.#next + maxRecords)) {
      if (records.length > 0 && bytes + record.data.length > maxBytes) break;
      bytes += record.data.length;
      records.push(record);
    }
    this.#next += records.length;
    const next = shard.records[this.#next];
    const millisBehindLatest = next === undefined ? 0 : this.#now() - next.arrivalMs;
    return { records, millisBehindLatest, ended: shard.closed && next === undefined };
  }

  async wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    const shard = this.#find();
    if (signal.aborted || shard.closed || shard.records.length > this.#next) return;
    this.#onWake(resolve);
    await promise;
  }
}

function place(shard: FakeShard, position: StartingPosition): number {
  const { records } = shard;
  switch (position.type) {
    case 'TRIM_HORIZON':
      return shard.first;
    case 'LATEST':
      return records.length;
    case 'AT_TIMESTAMP': {
      const found = records.findIndex(({ arrivalMs }) => arrivalMs >= position.timestampMs);
      return found === -1 ? records.length : found;
    }
    case 'AT_SEQUENCE_NUMBER':
      return Number(position.sequenceNumber) - 10 ** 6;
    case 'AFTER_SEQUENCE_NUMBER':
      return Number(position.sequenceNumber) - 10 ** 6 + 1;
  }
}
