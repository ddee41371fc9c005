import type { StreamLimits } from '../../../config/kinesis-limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';
import { SlidingWindow } from './sliding-window.ts';
import { TokenBucket } from '../../../support/token-bucket.ts';

const DAY_MS = 86_400_000;

/**
 * How much of its limits one stream has used, for shards, consumers and changes. In memory only: a restart resets it.
 */
export class StreamThrottle {
  readonly limits: StreamLimits;
  readonly shardCountUpdates: SlidingWindow;
  readonly modeUpdates: SlidingWindow;
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #shards = new Map<number, ShardBuckets>();

  constructor(stream: Stream, limits: StreamLimits, clock: Clock) {
    this.limits = limits;
    this.#stream = stream;
    this.#clock = clock;
    this.shardCountUpdates = new SlidingWindow(limits.shardCountUpdatesPerDay, DAY_MS);
    this.modeUpdates = new SlidingWindow(limits.modeUpdatesPerDay, DAY_MS);
  }

  /**
   * Charges a record's bytes, partition key included, to the shard's write limit. Returns false if it is exceeded.
   */
  admitWrite(shard: Shard, bytes: number): boolean {
    const { writeBytes, writeRecords } = this.#of(shard);
    const nowMs = this.#clock.now();
    if (writeBytes?.has(bytes, nowMs) === false || writeRecords?.has(1, nowMs) === false) return false;
    writeBytes?.take(bytes, nowMs);
    writeRecords?.take(1, nowMs);
    return true;
  }

  /** Charges a GetRecords call. Returns false as well while the shard is over its read rate. */
  admitRead(shard: Shard): boolean {
    const { readBytes, readCalls } = this.#of(shard);
    const nowMs = this.#clock.now();
    return readBytes?.isOpen(nowMs) !== false && readCalls?.take(1, nowMs) !== false;
  }

  chargeRead(shard: Shard, bytes: number): void {
    this.#of(shard).readBytes?.charge(bytes, this.#clock.now());
  }

  /** The pace at which a shard's records are pushed to a consumer; undefined if unlimited. */
  fanOut(shard: Shard, consumerArn: string): TokenBucket | undefined {
    const rate = this.limits.fanOutBytesPerSecond;
    if (rate === Infinity) return undefined;
    const { fanOut } = this.#of(shard);
    let bucket = fanOut.get(consumerArn);
    if (bucket === undefined) {
      bucket = new TokenBucket(rate, this.#clock.now());
      fanOut.set(consumerArn, bucket);
    }
    return bucket;
  }

  #of(shard: Shard): ShardBuckets {
    let buckets = this.#shards.get(shard.index);
    if (buckets === undefined) {
      this.#forgetShards();
      buckets = shardBuckets(this.limits, this.#clock.now());
      this.#shards.set(shard.index, buckets);
    }
    return buckets;
  }

  /** Removes the state of deleted shards once they are the majority. */
  #forgetShards(): void {
    if (this.#shards.size <= 2 * this.#stream.shardCount) return;
    for (const index of this.#shards.keys()) {
      if (this.#stream.shard(index) === undefined) this.#shards.delete(index);
    }
  }
}

interface ShardBuckets {
  readonly writeBytes: TokenBucket | undefined;
  readonly writeRecords: TokenBucket | undefined;
  readonly readBytes: TokenBucket | undefined;
  readonly readCalls: TokenBucket | undefined;
  /** Keys are the consumers' ARNs. */
  readonly fanOut: Map<string, TokenBucket>;
}

function shardBuckets(limits: StreamLimits, nowMs: number): ShardBuckets {
  const bucket = (perSecond: number) =>
    perSecond === Infinity ? undefined : new TokenBucket(perSecond, nowMs);
  return {
    writeBytes: bucket(limits.shardWriteBytesPerSecond),
    writeRecords: bucket(limits.shardWriteRecordsPerSecond),
    readBytes: bucket(limits.shardReadBytesPerSecond),
    readCalls: bucket(limits.shardReadCallsPerSecond),
    fanOut: new Map(),
  };
}
