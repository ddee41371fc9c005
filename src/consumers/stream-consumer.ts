import { consumerLimits } from './limits.ts';
import { backoffMs } from '../support/backoff.ts';
import { sleep, type Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { Signal } from '../support/signal.ts';
import { AlreadyLoggedError, type BatchHandler, type BatchOptions } from './batch.ts';
import type { KeyedLock } from '../support/keyed-lock.ts';
import type { CheckpointStore } from './checkpoints.ts';
import { workShard } from './shard-worker.ts';
import type { ShardView, StartingPosition, StreamSource, StreamView } from './source.ts';

export interface StreamConsumerOptions {
  /**
   * Unique among the consumers of the process, e.g. `lambda/<UUID>`: each of its shards has one owner at a time.
   */
  readonly name: string;
  /** Name or ARN. The stream need not exist yet. */
  readonly stream: string;
  readonly source: StreamSource;
  readonly positions: CheckpointStore;
  /**
   * Shared by all consumers of that kind. Within this process only: several servers over one store would need leases
   * with a term in the catalog.
   */
  readonly shardLocks: KeyedLock;
  /**
   * Where to start in a shard without a checkpoint: a child of a reshard, or any shard of a stream that is created
   * later. (The checkpoints of existing shards are stored when the consumer is created: `startingPositions`.)
   * TRIM_HORIZON by default.
   */
  readonly start?: Extract<StartingPosition, { readonly type: 'TRIM_HORIZON' | 'AT_TIMESTAMP' }>;
  readonly batch: BatchOptions;
  readonly handle: BatchHandler;
  readonly clock: Clock;
  readonly log: Log;
}

const retryPause = { initialMs: consumerLimits.retryInitialMs, maxMs: consumerLimits.retryMsMax };

/**
 * Reads all shards of a stream until it is closed: one worker for each shard; children start when all their parents
 * are finished. When the stream is deleted, reading stops; a new stream of the same name is read from its beginning.
 *
 * Guarantee: each record is delivered to the handler at least once, in the order of its shard, and the checkpoint
 * advances only after the handler is done with the record.
 */
export class StreamConsumer {
  readonly #options: StreamConsumerOptions;
  readonly #wake = new Signal();
  readonly #closing = new AbortController();
  #reading: IncarnationReader | undefined;
  #running: Promise<void> | undefined;

  constructor(options: StreamConsumerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Stops reading and waits for the batches in progress; what they did not finish is delivered again after the next
   * start.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake.set();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { source, log, clock, stream } = this.#options;
    const { signal } = this.#closing;
    const streamName = stream.slice(stream.lastIndexOf('/') + 1);
    const unsubscribe = source.onChange((changed) => {
      if (changed === streamName) this.#wake.set();
    });
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#refresh();
        failures = 0;
      } catch (error) {
        failures++;
        if (!(error instanceof AlreadyLoggedError)) {
          log.error({ stream, err: error }, 'the shards of a stream could not be listed; trying again');
        }
        await sleep(clock, backoffMs(retryPause, failures), signal);
        continue;
      }
      await this.#wake.wait();
    }
    unsubscribe();
    await this.#reading?.close();
  }

  async #refresh(): Promise<void> {
    const stream = this.#options.source.describe(this.#options.stream);
    if (stream?.incarnation !== this.#reading?.incarnation) {
      await this.#reading?.close();
      this.#reading =
        stream === undefined
          ? undefined
          : new IncarnationReader(this.#options, stream, () => this.#wake.set());
    }
    if (stream !== undefined) await this.#reading?.refresh(stream);
  }
}

/** The current incarnation of the stream being read. */
class IncarnationReader {
  readonly incarnation: string;
  readonly #options: StreamConsumerOptions;
  readonly #changed: () => void;
  readonly #stop = new AbortController();
  readonly #workers = new Map<string, Promise<void>>();
  readonly #finished = new Set<string>();

  constructor(options: StreamConsumerOptions, stream: StreamView, changed: () => void) {
    this.incarnation = stream.incarnation;
    this.#options = options;
    this.#changed = changed;
  }

  /** Starts the shards whose parents are finished. */
  async refresh(stream: StreamView): Promise<void> {
    const { positions } = this.#options;
    const listed = new Set(stream.shards.map(({ shardId }) => shardId));
    for (const shard of stream.shards) {
      if (this.#workers.has(shard.shardId) || this.#finished.has(shard.shardId)) continue;
      if (shard.parentShardIds.some((parent) => listed.has(parent) && !this.#finished.has(parent))) continue;
      // The worker loads its own checkpoint, so that a shard whose checkpoint cannot be loaded does not block the
      // others.
      this.#begin(stream, shard);
    }
    await positions.retain(stream, listed);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#workers.values());
  }

  #begin(stream: StreamView, shard: ShardView): void {
    const worker = this.#work(stream, shard).finally(() => {
      this.#workers.delete(shard.shardId);
      this.#changed();
    });
    this.#workers.set(shard.shardId, worker);
  }

  /** Never rejects: a worker that fails starts again after a pause, at its checkpoint. */
  async #work(stream: StreamView, shard: ShardView): Promise<void> {
    const { name, shardLocks, clock, log } = this.#options;
    const { signal } = this.#stop;
    const release = await shardLocks.acquire(`${name}/${stream.incarnation}/${shard.shardId}`, signal);
    if (release === undefined) return;
    try {
      for (let failures = 1; !signal.aborted; failures++) {
        try {
          const end = await this.#readOnce(stream, shard);
          if (end === 'finished') this.#finished.add(shard.shardId);
          if (end !== 'gone') return;
          if (this.#isGone(shard)) return;
          log.warn(
            { stream: stream.name, shard: shard.shardId },
            'a shard cannot be read from its checkpoint',
          );
        } catch (error) {
          if (!(error instanceof AlreadyLoggedError)) {
            const info = { stream: stream.name, shard: shard.shardId, err: error };
            log.error(info, 'reading a shard failed; retrying from its checkpoint');
          }
        }
        await sleep(clock, backoffMs(retryPause, failures), signal);
      }
    } finally {
      release();
    }
  }

  async #readOnce(stream: StreamView, shard: ShardView): ReturnType<typeof workShard> {
    const { positions, start } = this.#options;
    const position = await positions.load(stream, shard.shardId);
    if (position?.state === 'finished') return 'finished';
    const from = position?.from ?? start ?? { type: 'TRIM_HORIZON' };
    return workShard({ ...this.#options, stream, shard, from, signal: this.#stop.signal });
  }

  #isGone(shard: ShardView): boolean {
    const stream = this.#options.source.describe(this.#options.stream);
    if (stream?.incarnation !== this.incarnation) return true;
    return !stream.shards.some(({ shardId }) => shardId === shard.shardId);
  }
}
