import type { ChildShard } from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnsweredError, type RunningServer } from '../api.ts';
import { cliLimits } from '../limits.ts';
import { kinesis, streamOf } from '../stream/kinesis.ts';
import { CommandError, exitCodes } from '../terminal.ts';
import type { Position } from './positions.ts';
import type { ReadBatch, ReadRecord } from './record.ts';

interface Page {
  readonly Records: readonly ReadRecord[];
  readonly NextShardIterator?: string | null;
  readonly MillisBehindLatest?: number;
  readonly ChildShards?: readonly ChildShard[];
}

export interface LaneOptions {
  readonly server: RunningServer;
  readonly stream: string;
  readonly shardId: string;
  readonly position: Position;
  readonly signal: AbortSignal;
  /** Whether it waits for new records, also while no server answers. */
  readonly follow: boolean;
  /** Told once when no server answers, and with undefined when one does again. */
  readonly onTrouble?: ((reason: string | undefined) => void) | undefined;
}

/** Reads one shard, by GetRecords: that registers nothing, and moves the position of no other reader. */
export class Lane {
  readonly shardId: string;
  readonly #options: LaneOptions;
  #iterator: string | undefined;
  #last: string | undefined;
  #isTroubled = false;
  #ended = false;
  /** The shards that follow this one, once it is closed and read to its end. */
  children: readonly ChildShard[] = [];

  constructor(options: LaneOptions) {
    this.shardId = options.shardId;
    this.#options = options;
  }

  /** The next records, perhaps none; undefined when the shard is closed and read to its end. */
  async next(): Promise<ReadBatch | undefined> {
    const { server, signal } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        this.#iterator ??= await this.#iteratorFrom();
        const page = await kinesis<Page>(server, 'GetRecords', {
          ShardIterator: this.#iterator,
          Limit: 10_000,
        });
        this.#wellAgain();
        return this.#batchOf(page);
      } catch (error) {
        await this.#recover(error, attempt);
      }
    }
    return undefined;
  }

  #batchOf({
    Records,
    NextShardIterator,
    MillisBehindLatest = 0,
    ChildShards = [],
  }: Page): ReadBatch | undefined {
    this.#last = Records.at(-1)?.SequenceNumber ?? this.#last;
    this.#iterator = NextShardIterator ?? undefined;
    this.#ended = this.#iterator === undefined;
    this.children = ChildShards;
    if (this.#ended && Records.length === 0) return undefined;
    return { shardId: this.shardId, records: Records, behindMs: MillisBehindLatest };
  }

  /** It has given its last records. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  async #iteratorFrom(): Promise<string> {
    const { server, stream } = this.#options;
    const input = { ...streamOf(stream), ShardId: this.shardId, ...this.#start() };
    return (await kinesis<{ ShardIterator: string }>(server, 'GetShardIterator', input)).ShardIterator;
  }

  #start(): object {
    const { position } = this.#options;
    if (this.#last !== undefined) {
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: this.#last };
    }
    switch (position.kind) {
      case 'oldest':
        return { ShardIteratorType: 'TRIM_HORIZON' };
      case 'latest':
        return { ShardIteratorType: 'LATEST' };
      case 'time':
        return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: position.timeMs / 1000 };
      case 'at':
        return { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: position.sequenceNumber };
      case 'after':
        return {
          ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
          StartingSequenceNumber: position.sequenceNumber,
        };
    }
  }

  /** Waits before another attempt, or throws. */
  async #recover(failure: unknown, attempt: number): Promise<void> {
    const { follow, signal } = this.#options;
    if (failure instanceof AnsweredError) {
      const isExpired = failure.code === 'ExpiredIteratorException';
      if (!isExpired && failure.exitCode !== exitCodes.throttled) throw failure;
      if (isExpired) this.#iterator = undefined;
    } else if (!follow || !(failure instanceof CommandError)) throw failure;
    else {
      // A server that is back may not know the iterator; the last record it does.
      if (this.#last !== undefined) this.#iterator = undefined;
      if (!this.#isTroubled) this.#options.onTrouble?.(failure.message);
      this.#isTroubled = true;
    }
    const pauseMs = Math.min(cliLimits.retryMsMax, cliLimits.retryMsMin * 2 ** Math.min(attempt, 10));
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }

  #wellAgain(): void {
    if (this.#isTroubled) this.#options.onTrouble?.(undefined);
    this.#isTroubled = false;
  }
}
