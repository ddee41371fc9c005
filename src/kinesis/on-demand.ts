import { limits } from '../limits.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { hashKeyFromBigInt, hashKeyToBigInt } from './hash-key.ts';
import type { Shard } from './shard.ts';
import type { Stream } from './stream.ts';
import type { Streams } from './streams.ts';

interface ScalingContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: Streams;
}

/** How many checks in a row a shard was above half its capacity, or next to idle. */
interface Trend {
  hot: number;
  cold: number;
}

/**
 * Gives on-demand streams as many shards as their traffic needs: one that stays above half the capacity of a shard
 * is split in the middle, neighbours that stay cold are merged, never below the four that a stream begins with.
 */
export class OnDemandScaling {
  readonly #context: ScalingContext;
  readonly #trends = new WeakMap<Stream, Map<number, Trend>>();
  #checkedMs: number;
  #cancel: (() => void) | undefined;
  #checking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: ScalingContext) {
    this.#context = context;
    this.#checkedMs = context.clock.now();
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    if (this.#closed) return;
    this.#cancel = this.#context.clock.schedule(limits.kinesisScalingCheckMs, () => {
      this.#checking = this.check()
        .catch((error: unknown) => this.#context.log.error({ error }, 'scaling an on-demand stream failed'))
        .finally(() => this.#scheduleNext());
    });
  }

  /** Looks at the traffic since the last time, and reshards what it says. */
  async check(): Promise<void> {
    const nowMs = this.#context.clock.now();
    const seconds = (nowMs - this.#checkedMs) / 1000;
    this.#checkedMs = nowMs;
    if (seconds <= 0) return;
    for (const stream of Array.from(this.#context.streams.all())) {
      if (this.#closed) return;
      if (stream.row.mode === 'ON_DEMAND') await this.#scale(stream, seconds);
    }
  }

  async #scale(stream: Stream, seconds: number): Promise<void> {
    const trends = this.#observe(stream, seconds);
    const open = stream.map.shards;
    const hot = open.filter(
      (shard) => (trends.get(shard.index)?.hot ?? 0) >= limits.kinesisScalingHotChecks && isWide(shard),
    );
    for (const shard of hot) {
      if (!this.#isReady(stream) || stream.map.shards.length >= limits.kinesisStreamShardsMax) return;
      await this.#context.streams.reshard(stream, {
        type: 'split',
        shardIndex: shard.index,
        at: middle(shard),
      });
    }
    for (const [lower, upper] of coldPairs(open, trends)) {
      if (!this.#isReady(stream) || stream.map.shards.length <= limits.kinesisOnDemandShards) return;
      const shardIndexes = [lower.index, upper.index] as const;
      await this.#context.streams.reshard(stream, { type: 'merge', shardIndexes });
    }
  }

  #isReady(stream: Stream): boolean {
    return !this.#closed && !stream.gone && this.#context.streams.status(stream) === 'ACTIVE';
  }

  #observe(stream: Stream, seconds: number): Map<number, Trend> {
    const before = this.#trends.get(stream);
    const trends = new Map<number, Trend>();
    for (const shard of stream.map.shards) {
      const used = shard.takeTraffic(seconds);
      const { hot, cold } = before?.get(shard.index) ?? { hot: 0, cold: 0 };
      trends.set(shard.index, { hot: used > 0.5 ? hot + 1 : 0, cold: used < 0.1 ? cold + 1 : 0 });
    }
    this.#trends.set(stream, trends);
    return trends;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#checking;
  }
}

/** A single hot partition key would be halved for ever: a shard may become a 65,536th of the whole, no less. */
function isWide(shard: Shard): boolean {
  return hashKeyToBigInt(shard.endHash) - hashKeyToBigInt(shard.startHash) >= 2n ** 112n;
}

function middle(shard: Shard): string {
  const start = hashKeyToBigInt(shard.startHash);
  return hashKeyFromBigInt((start + hashKeyToBigInt(shard.endHash)) / 2n + 1n);
}

/** Neighbours that are both cold; each shard is in one pair at most. */
function coldPairs(open: readonly Shard[], trends: ReadonlyMap<number, Trend>): [Shard, Shard][] {
  const isCold = (shard: Shard) => (trends.get(shard.index)?.cold ?? 0) >= limits.kinesisScalingColdChecks;
  const pairs: [Shard, Shard][] = [];
  for (let at = 1; at < open.length; at++) {
    const [lower, upper] = [open[at - 1], open[at]];
    if (lower === undefined || upper === undefined || !isCold(lower) || !isCold(upper)) continue;
    pairs.push([lower, upper]);
    at++;
  }
  return pairs;
}
