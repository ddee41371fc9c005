import type { Table, Catalog } from '../../../engine/catalog.ts';
import type { LogId } from '../../../engine/engine.ts';
import type { HashKey } from '../shards/hash-key.ts';

/** What the catalog keeps of streams. Milliseconds and seconds are since the epoch. */
export interface StreamRow {
  /** `StreamId` of the API; differs between streams of one name that were created one after the other. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  /** What is under way, when the status is not ACTIVE, and when it is to be finished; taken up after a restart. */
  readonly pending?: { readonly dueMs: number; readonly reshard?: Reshard };
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  readonly retentionHours: number;
  readonly maxRecordSizeKiB: number;
  /** Set while records are to be encrypted. */
  readonly encryptionKeyId?: string;
  /** Names of the shard-level metrics that are on, sorted. */
  readonly shardMetrics: readonly string[];
  readonly distribution: 'USER_PARTITION_KEY' | 'AUTO';
  readonly warmThroughputMiBps?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
  /** Index of the next shard; none is given twice. */
  readonly nextShardIndex: number;
}

export type Reshard =
  | { readonly type: 'split'; readonly shardIndex: number; readonly at: HashKey }
  | { readonly type: 'merge'; readonly shardIndexes: readonly [lower: number, upper: number] }
  | { readonly type: 'resize'; readonly count: number }
  /** Of different shards, at once. */
  | {
      readonly type: 'several';
      readonly splits: readonly { readonly shardIndex: number; readonly at: HashKey }[];
      readonly merges: readonly (readonly [lower: number, upper: number])[];
    };

export interface ShardRow {
  readonly index: number;
  readonly log: LogId;
  /** As in its sequence numbers: above its parents', so it may be some seconds ahead of the clock. */
  readonly createdSeconds: number;
  readonly openedMs: number;
  readonly startHash: HashKey;
  readonly endHash: HashKey;
  /** None, one (split) or two (merge: parent, adjacent parent). */
  readonly parents: readonly number[];
  /** Set when it takes no more records: how many it has ever taken. */
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

/** Logs whose stream or shard is gone: their records are dropped after the commit that says so. */
export interface GarbageRow {
  readonly logs: readonly LogId[];
}

export interface AccountRow {
  /** To a minimum of throughput: when it was last begun, and when it was asked to end. */
  readonly commitment?: { readonly startedMs: number; readonly endedMs?: number };
}

/** The tables of this part of the catalog. */
export interface Tables {
  /** By name. */
  readonly streams: Table<StreamRow>;
  /** By `<stream id>/<shard index in 10 digits>`. */
  readonly shards: Table<ShardRow>;
  /** By `<stream id>/<consumer name>`. */
  readonly consumers: Table<ConsumerRow>;
  readonly garbage: Table<GarbageRow>;
  /** One row, `settings`. */
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
