import type { LogId } from '../../../engine/engine.ts';
import { kinesisLimits } from '../limits.ts';
import type { HashRange } from './shard-map.ts';
import type { ShardRow } from '../streams/rows.ts';
import { formatHashKey, type HashKey } from './hash-key.ts';
import { LAST_ORDINAL, numberAt, numberOf, SHARD_INDEX_MAX, shardPart } from '../records/sequence-number.ts';
import { SequenceRun } from '../records/sequence-run.ts';

/** A shard. Immutable except for its traffic: closing it creates another object. */
export class Shard implements HashRange {
  readonly row: ShardRow;
  readonly index: number;
  readonly id: string;
  readonly log: LogId;
  readonly startHash: HashKey;
  readonly endHash: HashKey;
  /** The common part of its records' sequence numbers (`shardPart`). */
  readonly numbers: bigint;
  #trafficBytes = 0;
  #trafficRecords = 0;
  #trafficKey: string | undefined;

  constructor(row: ShardRow) {
    this.row = row;
    this.index = row.index;
    this.id = shardIdOf(row.index);
    this.log = row.log;
    this.startHash = row.startHash;
    this.endHash = row.endHash;
    this.numbers = shardPart(row.createdSeconds, row.index);
  }

  /** Counts a put, for `takeTraffic`. `key` is what chose the shard, or undefined for round-robin. */
  addTraffic(bytes: number, key: string | undefined): void {
    if (this.#trafficRecords === 0) this.#trafficKey = key;
    else if (this.#trafficKey !== key) this.#trafficKey = undefined;
    this.#trafficBytes += bytes;
    this.#trafficRecords++;
  }

  /**
   * Returns the traffic since the last call, as a share of a shard's write capacity (1 MiB or 1,000 records per
   * second), and the key if all of it had the same one.
   */
  takeTraffic(seconds: number): { readonly used: number; readonly onlyKey: string | undefined } {
    const byBytes = this.#trafficBytes / (kinesisLimits.shardBytesPerSecond * seconds);
    const byRecords = this.#trafficRecords / (kinesisLimits.shardRecordsPerSecond * seconds);
    const onlyKey = this.#trafficKey;
    this.#trafficBytes = 0;
    this.#trafficRecords = 0;
    this.#trafficKey = undefined;
    return { used: Math.max(byBytes, byRecords), onlyKey };
  }

  get closed(): ShardRow['closed'] {
    return this.row.closed;
  }

  /** The sequence number of the record at `index` of the log. */
  sequenceNumber(index: number, arrivalMs: number): string {
    return numberAt(this.numbers, index, arrivalMs).toString();
  }

  /** The sequence numbers from `index` on, for records that arrived in the same second. */
  sequenceRun(index: number, arrivalMs: number): SequenceRun {
    return new SequenceRun(numberAt(this.numbers, index, arrivalMs));
  }

  /** Below the sequence numbers of all its records. */
  get startingSequenceNumber(): string {
    return numberOf(this.numbers, 0n, this.row.createdSeconds).toString();
  }

  /** Above the sequence numbers of all its records; undefined while the shard is open. */
  get endingSequenceNumber(): string | undefined {
    if (this.closed === undefined) return undefined;
    return numberOf(this.numbers, LAST_ORDINAL, Math.floor(this.closed.atMs / 1000)).toString();
  }

  /** In the API's form. */
  describe() {
    const [parent, adjacent] = this.row.parents;
    return {
      ShardId: this.id,
      ParentShardId: parent === undefined ? undefined : shardIdOf(parent),
      AdjacentParentShardId: adjacent === undefined ? undefined : shardIdOf(adjacent),
      HashKeyRange: this.describeRange(),
      SequenceNumberRange: {
        StartingSequenceNumber: this.startingSequenceNumber,
        EndingSequenceNumber: this.endingSequenceNumber,
      },
    };
  }

  /** As an entry of ChildShards. */
  describeChild() {
    return {
      ShardId: this.id,
      ParentShards: this.row.parents.map(shardIdOf),
      HashKeyRange: this.describeRange(),
    };
  }

  describeRange() {
    return {
      StartingHashKey: formatHashKey(this.startHash),
      EndingHashKey: formatHashKey(this.endHash),
    };
  }
}

export function shardIdOf(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`;
}

/**
 * Parses the index from a shard's id. Like AWS, accepts any digits after the first hyphen, or bare digits; undefined
 * if the text cannot be a shard id.
 */
export function shardIndexOf(shardId: string): number | undefined {
  const digits = shardId.split('-')[1] ?? shardId;
  if (!/^\d+$/.test(digits)) return undefined;
  const index = Number(digits);
  return index <= SHARD_INDEX_MAX ? index : undefined;
}
