import type { Transaction } from '../engine/catalog.ts';
import type { BufferRoom } from './buffer-room.ts';
import type { ShardView, StoredPosition, StreamRecord, StreamView } from './source.ts';

/** Records of one shard, in order, for a consumer. The next batch follows when this one is done. */
export interface ShardBatch {
  readonly stream: StreamView;
  readonly shard: ShardView;
  /** At least one. */
  readonly records: readonly StreamRecord[];
  /**
   * The shard's position after this batch, for consumers that store their checkpoint together with their output.
   */
  readonly position: StoredPosition;
  /** How far the newest record read is behind the shard's tail. */
  readonly millisBehindLatest: number;
  /** The attempt at these records, from 1: they are delivered again when the handler fails. */
  readonly attempt: number;
  /** Aborts when the consumer is stopped: the batch need not be finished and will be delivered again. */
  readonly signal: AbortSignal;
  /** Checkpoints the first `count` records, in one commit with `change`. Both are durable when this resolves. */
  checkpoint(count: number, change?: CheckpointChange): Promise<void>;
  /** How many of the first records have expired since they were read: check this before a retry. */
  expired(): Promise<number>;
}

/** What becomes durable with a checkpoint. It can be called again when a commit fails. */
export type CheckpointChange = (transaction: Transaction) => void;

/** The time windows over the records of one shard, in which its consumer aggregates them. */
export interface ShardWindows {
  /** When the open window ends if no more records come; Infinity when none is open. */
  readonly endsAtMs: number;
  /** Ends the open window. Called between batches: when it is due at the shard's tail, and when the shard has ended. */
  end(signal: AbortSignal): Promise<void>;
}

/**
 * Resolves when all records of the batch are handled. When it rejects, the records after the checkpoint are delivered
 * again after a pause, indefinitely: limits on attempts or age are the handler's to enforce.
 */
export type BatchHandler = (batch: ShardBatch) => Promise<void>;

/** A failure that the consumer has logged already: the retry is not logged again. */
export class AlreadyLoggedError extends Error {
  override readonly name = 'AlreadyLoggedError';
}

export interface BatchOptions {
  readonly recordsMax: number;
  /** The maximum sum of `sizeOf` over a batch; a single record may exceed it. */
  readonly bytesMax: number;
  /** The size of a record in `bytesMax`; the length of its data by default. */
  readonly sizeOf?: (record: StreamRecord) => number;
  /**
   * How long to wait for a batch to fill. Windows follow each other without a gap; the first begins when the previous
   * batch is done. 0: deliver at once whatever is there.
   */
  readonly windowMs?: number;
  /** The alternative to a window: the maximum age, by arrival, of the oldest record while a batch fills. */
  readonly ageMsMax?: number;
  /** With `ageMsMax`: records that arrived until then do not wait. */
  readonly flushedUntilMs?: number;
  /** The memory that waiting records share with those of other consumers; only with `ageMsMax`. */
  readonly room?: BufferRoom;
  /** Selects records for this consumer; the others are skipped. */
  readonly select?: (record: StreamRecord) => boolean;
  /** Called after each read: how many records came, and how many of them were skipped. */
  readonly onRead?: (read: number, skipped: number) => void;
  /** The window of a record: a batch holds records of one window only. Only with one lane. */
  readonly windowOf?: (record: StreamRecord) => number;
  /** Called before a shard is read. */
  readonly openWindows?: (
    stream: StreamView,
    shard: ShardView,
    signal: AbortSignal,
  ) => Promise<ShardWindows | undefined>;
  /**
   * How many batches of one shard are processed at once (1 by default). Records with the same partition key stay in
   * order.
   */
  readonly lanes?: number;
}
