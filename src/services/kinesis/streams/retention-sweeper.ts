import type { Engine } from '../../../engine/engine.ts';
import { kinesisLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from './stream.ts';
import type { Streams } from './streams.ts';

interface RetentionContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: Streams;
}

/** Frees expired records. Readers do not depend on it: they never see an expired record (read/read.ts). */
export class RetentionSweeper {
  readonly #context: RetentionContext;
  #cancel: (() => void) | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: RetentionContext) {
    this.#context = context;
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    if (this.#closed) return;
    this.#cancel = this.#context.clock.schedule(kinesisLimits.retentionSweepMs, () => {
      this.#sweeping = this.sweep()
        .catch((error: unknown) => this.#context.log.error({ err: error }, 'freeing expired records failed'))
        .finally(() => this.#scheduleNext());
    });
  }

  /** Trims the logs and removes closed shards that are empty. */
  async sweep(): Promise<void> {
    for (const stream of Array.from(this.#context.streams.all())) {
      if (this.#closed) return;
      await this.sweepStream(stream);
    }
  }

  /** The same for one stream. */
  async sweepStream(stream: Stream): Promise<void> {
    const { clock, streams } = this.#context;
    const nowMs = clock.now();
    const expired: Shard[] = [];
    for (const shard of stream.shards) {
      if (stream.gone || this.#closed) return;
      if (stream.hasExpired(shard, nowMs)) expired.push(shard);
      else await this.#trim(stream, shard, nowMs);
    }
    if (expired.length > 0 && !stream.gone) await streams.forgetShards(stream, expired);
  }

  async #trim(stream: Stream, shard: Shard, nowMs: number): Promise<void> {
    const { engine } = this.#context;
    const { firstIndex, nextIndex } = engine.bounds(shard.log);
    if (firstIndex === nextIndex) return;
    const kept = await engine.locate(shard.log, nowMs - stream.retentionMs);
    if (kept > firstIndex) await engine.trim(shard.log, kept);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#sweeping;
  }
}
