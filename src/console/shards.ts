import type { InspectedShard, InspectedStream } from '../consumers/stream-inspector.ts';
import { consoleLimits } from './limits.ts';
import { KeySketch } from './sketch.ts';
import type { Views } from './views.ts';

export interface ShardLoad {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly openedMs: number;
  readonly closedMs: number | undefined;
  readonly from: string;
  readonly to: string;
  readonly records: number;
  readonly lastArrivalMs: number;
  /** In the last interval; exact. */
  readonly recordsPerSecond: number;
  /** Estimated from the size of the newest records. */
  readonly bytesPerSecond: number;
  /** The highest rate since the page was opened. */
  readonly peakRecordsPerSecond: number;
  readonly topKeys: readonly { readonly key: string; readonly share: number }[];
}

/**
 * Measures the shards of a stream for one page. Rates come from how far the shards have grown, keys from the newest
 * records: nothing is counted while records are put, and nothing at all while no page is open.
 */
export class ShardLoads {
  readonly #views: Views;
  readonly #shards = new Map<string, Measured>();
  #measuredMs = 0;

  constructor(views: Views) {
    this.#views = views;
  }

  async measure(stream: InspectedStream): Promise<ShardLoad[]> {
    const nowMs = this.#views.clock.now();
    const seconds = (nowMs - this.#measuredMs) / 1000;
    this.#measuredMs = nowMs;
    const loads: ShardLoad[] = [];
    for (const shard of stream.shards) {
      let measured = this.#shards.get(shard.shardId);
      if (measured === undefined) this.#shards.set(shard.shardId, (measured = new Measured(shard.nextIndex)));
      await this.#readNewest(stream.name, shard, measured);
      measured.grow(shard.nextIndex, seconds);
      loads.push(loadOf(shard, measured));
    }
    return loads;
  }

  async #readNewest(name: string, shard: InspectedShard, measured: Measured): Promise<void> {
    const { source, inspector } = this.#views;
    const isNew = measured.keysUntil < shard.nextIndex;
    const view = isNew && shard.closedMs === undefined ? source.describe(name) : undefined;
    if (view === undefined || this.#shards.size > consoleLimits.tailShardsMax) return;
    const oldest = Math.max(measured.keysUntil, shard.nextIndex - consoleLimits.tailRowsMax);
    const sequenceNumber = inspector.sequenceNumberAt(name, shard.shardId, oldest);
    if (sequenceNumber === undefined) return;
    const reader = await source.open(view, shard.shardId, { type: 'AT_SEQUENCE_NUMBER', sequenceNumber });
    const { records } = await reader.read({
      maxRecords: consoleLimits.tailRowsMax,
      maxBytes: consoleLimits.hotKeyBytesMax,
    });
    for (const { partitionKey, data } of records) measured.saw(partitionKey, data.length);
    measured.keysUntil = shard.nextIndex;
  }
}

class Measured {
  readonly #sketch = new KeySketch();
  #nextIndex: number;
  #bytes = 0;
  keysUntil: number;
  recordsPerSecond = 0;
  peak = 0;

  constructor(nextIndex: number) {
    this.#nextIndex = nextIndex;
    this.keysUntil = Math.max(0, nextIndex - consoleLimits.tailRowsMax);
  }

  grow(nextIndex: number, seconds: number): void {
    this.recordsPerSecond = seconds > 0 ? (nextIndex - this.#nextIndex) / seconds : 0;
    this.peak = Math.max(this.peak, this.recordsPerSecond);
    this.#nextIndex = nextIndex;
  }

  saw(key: string, bytes: number): void {
    this.#sketch.add(key);
    this.#bytes += bytes;
  }

  get meanBytes(): number {
    return this.#sketch.total === 0 ? 0 : this.#bytes / this.#sketch.total;
  }

  get topKeys() {
    return this.#sketch.total === 0 ? [] : this.#sketch.top();
  }
}

function loadOf(shard: InspectedShard, measured: Measured): ShardLoad {
  return {
    shardId: shard.shardId,
    parents: shard.parentShardIds,
    openedMs: shard.openedMs,
    closedMs: shard.closedMs,
    from: shard.startingHashKey,
    to: shard.endingHashKey,
    records: shard.nextIndex,
    lastArrivalMs: shard.lastArrivalMs,
    recordsPerSecond: rounded(measured.recordsPerSecond),
    bytesPerSecond: rounded(measured.recordsPerSecond * measured.meanBytes),
    peakRecordsPerSecond: rounded(measured.peak),
    topKeys: measured.topKeys,
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
