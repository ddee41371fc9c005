import type { ShardView, StoredPosition, StreamRecord, StreamView } from './source.ts';

/** Records of one shard, in order, handed to a consumer. The next ones follow when it is done with these. */
export interface ShardBatch {
  readonly stream: StreamView;
  readonly shard: ShardView;
  /** At least one. */
  readonly records: readonly StreamRecord[];
  /** Where the shard goes on after this batch: what a consumer keeps that saves its position beside its effect. */
  readonly position: StoredPosition;
  /** How far the newest record read was behind the shard's tail. */
  readonly millisBehindLatest: number;
  /** 1, and one more each time that the same records are handed again because the handler failed. */
  readonly attempt: number;
  /** Aborts when the consumer is stopped: the batch need not be finished, it will be handed again. */
  readonly signal: AbortSignal;
  /** The first `count` records are safe: the position advances behind them, durably when it resolves. */
  settle(count: number): Promise<void>;
  /** How many of the first records the stream has forgotten since (retention): worth asking before a retry. */
  expired(): Promise<number>;
}

/**
 * Resolves when all of the batch's records are safe. When it rejects, those not settled are handed again after a
 * pause, without end: what must end (attempts, age) is the handler's to decide.
 */
export type BatchHandler = (batch: ShardBatch) => Promise<void>;

/** A trouble that its consumer has told already: what it kept from being done is tried again without a word. */
export class AlreadyLoggedError extends Error {
  override readonly name = 'ToldError';
}

export interface BatchOptions {
  readonly recordsMax: number;
  /** Of `sizeOf` over the batch; a single record may be larger. */
  readonly bytesMax: number;
  /** What a record counts for in `bytesMax`; its data's length by default. */
  readonly sizeOf?: (record: StreamRecord) => number;
  /**
   * How long to wait for a batch to fill. Windows follow each other without a gap, the first one begins when the
   * batch before was done. 0: whatever is there goes at once.
   */
  readonly windowMs?: number;
  /** Instead of a window: how old, by arrival, the oldest record of a batch may become while it fills. */
  readonly ageMsMax?: number;
  /** Records that are not for this consumer: they are passed over. */
  readonly select?: (record: StreamRecord) => boolean;
  /** Batches of one shard under way at once (1 by default); the records of a partition key stay in order. */
  readonly lanes?: number;
}
