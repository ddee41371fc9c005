import type { Table, Catalog } from '../../../engine/catalog.ts';
import type { LogId } from '../../../engine/engine.ts';
import type { HashKey } from '../shards/hash-key.ts';

/** A stream in the catalog. Milliseconds and seconds are since the epoch. */
export interface StreamRow {
  /** The API's `StreamId`. It distinguishes streams that had the same name at different times. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  /** The pending work if the status is not ACTIVE, and when it is due; it is resumed after a restart. */
  readonly pending?: { readonly dueMs: number; readonly reshard?: Reshard };
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  readonly retentionHours: number;
  readonly maxRecordSizeKiB: number;
  /** Set while new records are encrypted. */
  readonly encryptionKeyId?: string;
  /** The names of the enabled shard-level metrics, sorted. */
  readonly shardMetrics: readonly string[];
  readonly distribution: 'USER_PARTITION_KEY' | 'AUTO';
  readonly warmThroughputMiBps?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
  /** The index of the next shard; none is reused. */
  readonly nextShardIndex: number;
}

export type Reshard =
  | { readonly type: 'split'; readonly shardIndex: number; readonly at: HashKey }
  | { readonly type: 'merge'; readonly shardIndexes: readonly [lower: number, upper: number] }
  | { readonly type: 'resize'; readonly count: number }
  /** Several splits and merges of different shards at once. */
  | {
      readonly type: 'several';
      readonly splits: readonly { readonly shardIndex: number; readonly at: HashKey }[];
      readonly merges: readonly (readonly [lower: number, upper: number])[];
    };

export interface ShardRow {
  readonly index: number;
  readonly log: LogId;
  /**
   * As in the shard's sequence numbers: later than the parents' creation, so it may be some seconds ahead of the
   * clock.
   */
  readonly createdSeconds: number;
  readonly openedMs: number;
  readonly startHash: HashKey;
  readonly endHash: HashKey;
  /** None, one (split) or two (merge: parent, adjacent parent). */
  readonly parents: readonly number[];
  /** Set when the shard is closed: how many records it has ever received. */
  readonly closed?: { readonly atMs: number; readonly recordCount: number };
}

export interface ConsumerRow {
  readonly name: string;
  readonly createdMs: number;
  readonly status: 'CREATING' | 'ACTIVE' | 'DELETING';
  readonly dueMs?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** Logs whose stream or shard was deleted: they are dropped after the commit that deletes it. */
export interface GarbageRow {
  readonly logs: readonly LogId[];
}

export interface AccountRow {
  /** The commitment to a minimum throughput: when it last started, and when its end was requested. */
  readonly commitment?: { readonly startedMs: number; readonly endedMs?: number };
}

/** The tables of streams in the catalog. */
export interface Tables {
  /** Keys are names. */
  readonly streams: Table<StreamRow>;
  /** Keys are `<stream id>/<shard index in 10 digits>`. */
  readonly shards: Table<ShardRow>;
  /** Keys are `<stream id>/<consumer name>`. */
  readonly consumers: Table<ConsumerRow>;
  readonly garbage: Table<GarbageRow>;
  /** One row, with the key `settings`. */
  readonly account: Table<AccountRow>;
}

export function openTables(catalog: Pick<Catalog, 'table'>): Tables {
  return {
    streams: catalog.table<StreamRow>('kinesis.streams'),
    shards: catalog.table<ShardRow>('kinesis.shards'),
    consumers: catalog.table<ConsumerRow>('kinesis.consumers'),
    garbage: catalog.table<GarbageRow>('kinesis.garbage'),
    account: catalog.table<AccountRow>('kinesis.account'),
  };
}

export function shardKey(streamId: string, shardIndex: number): string {
  return `${streamId}/${String(shardIndex).padStart(10, '0')}`;
}

export function consumerKey(streamId: string, consumerName: string): string {
  return `${streamId}/${consumerName}`;
}
