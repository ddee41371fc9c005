import { kinesisLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { hashKeyFromBigInt, hashKeyToBigInt } from './hash-key.ts';
import type { Shard } from './shard.ts';
import type { Stream } from '../streams/stream.ts';
import type { Streams } from '../streams/streams.ts';

interface ScalingContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: Streams;
}

/** For how many consecutive checks a shard was above half its capacity, or nearly idle. */
interface Trend {
  readonly hot: number;
  readonly cold: number;
  /** Set if all traffic while the shard was hot had this one partition key. */
  readonly onlyKey: string | undefined;
}

/**
 * Adjusts the shards of on-demand streams to their traffic: a shard that stays above half its capacity is split in
 * the middle; adjacent cold shards are merged, down to the four shards with which a stream starts.
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
    this.#cancel = this.#context.clock.schedule(kinesisLimits.scalingCheckMs, () => {
      this.#checking = this.check()
        .catch((error: unknown) =>
          this.#context.log.error({ err: error }, 'scaling an on-demand stream failed'),
        )
        .finally(() => this.#scheduleNext());
    });
  }

  /** Checks the traffic since the last check, and reshards if needed. */
  async check(): Promise<void> {
    const { clock, log, streams } = this.#context;
    const nowMs = clock.now();
    const seconds = (nowMs - this.#checkedMs) / 1000;
    this.#checkedMs = nowMs;
    if (seconds <= 0) return;
    for (const stream of Array.from(streams.all())) {
      if (this.#closed) return;
      if (stream.row.mode !== 'ON_DEMAND') continue;
      await this.#scale(stream, seconds).catch((error: unknown) => {
        log.error({ err: error, stream: stream.name }, 'scaling an on-demand stream failed');
      });
    }
  }

  /** Does all splits and merges of a stream in one reshard: a stream that is hot everywhere doubles at once. */
  async #scale(stream: Stream, seconds: number): Promise<void> {
    const { streams } = this.#context;
    const trends = this.#observe(stream, seconds);
    if (stream.gone || streams.status(stream) !== 'ACTIVE') return;
    const open = stream.map.shards;
    const room = Math.min(
      kinesisLimits.streamShardsMax - open.length,
      kinesisLimits.shardsMax - streams.openShardCount,
    );
    const splits = open
      .filter((shard) => isHot(shard, trends))
      .slice(0, Math.max(0, room))
      .map((shard) => ({ shardIndex: shard.index, at: middle(shard) }));
    const spare = Math.max(0, open.length + splits.length - kinesisLimits.onDemandShards);
    const merges = coldPairs(open, trends)
      .slice(0, spare)
      .map(([lower, upper]) => [lower.index, upper.index] as const);
    if (splits.length + merges.length === 0) return;
    await streams.reshard(stream, { type: 'several', splits, merges }, 0);
  }

  #observe(stream: Stream, seconds: number): Map<number, Trend> {
    const before = this.#trends.get(stream);
    const trends = new Map<number, Trend>();
    for (const shard of stream.map.shards) {
      const { used, onlyKey } = shard.takeTraffic(seconds);
      trends.set(shard.index, next(before?.get(shard.index), used, onlyKey));
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

function next(before: Trend | undefined, used: number, onlyKey: string | undefined): Trend {
  const { hot, cold, onlyKey: keyBefore } = before ?? { hot: 0, cold: 0, onlyKey: undefined };
  const isHot = used > kinesisLimits.scalingHotShare;
  return {
    hot: isHot ? hot + 1 : 0,
    cold: used < kinesisLimits.scalingColdShare ? cold + 1 : 0,
    onlyKey: hot === 0 || keyBefore === onlyKey ? onlyKey : undefined,
  };
}

/** Hot for long enough, and splitting helps: a single partition key stays in a single shard. */
function isHot(shard: Shard, trends: ReadonlyMap<number, Trend>): boolean {
  const { hot, onlyKey } = trends.get(shard.index) ?? { hot: 0, onlyKey: undefined };
  return hot >= kinesisLimits.scalingHotChecks && onlyKey === undefined && isWide(shard);
}

/** Bounds repeated splits around one hot key: no shard becomes smaller than 1/65,536 of the whole range. */
function isWide(shard: Shard): boolean {
  return hashKeyToBigInt(shard.endHash) - hashKeyToBigInt(shard.startHash) >= 2n ** 112n;
}

function middle(shard: Shard): string {
  const start = hashKeyToBigInt(shard.startHash);
  return hashKeyFromBigInt((start + hashKeyToBigInt(shard.endHash)) / 2n + 1n);
}

/** Adjacent pairs that are both cold; each shard is in at most one pair. */
function coldPairs(open: readonly Shard[], trends: ReadonlyMap<number, Trend>): [Shard, Shard][] {
  const isCold = (shard: Shard) => (trends.get(shard.index)?.cold ?? 0) >= kinesisLimits.scalingColdChecks;
  const pairs: [Shard, Shard][] = [];
  for (let at = 1; at < open.length; at++) {
    const [lower, upper] = [open[at - 1], open[at]];
    if (lower === undefined || upper === undefined || !isCold(lower) || !isCold(upper)) continue;
    pairs.push([lower, upper]);
    at++;
  }
  return pairs;
}
