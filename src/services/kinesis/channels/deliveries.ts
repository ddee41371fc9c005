import type { ShardPosition } from '../../../consumers/checkpoints.ts';
import type { StreamRecord, StreamSource, StreamView } from '../../../consumers/source.ts';
import type { Transaction } from '../../../engine/catalog.ts';
import type { Formatted } from './record-format.ts';

/** What channels need of whoever writes objects: a place for each one's records, and a hand that carries them. */
export interface ChannelDeliveries {
  bucketExists(bucket: string): Promise<boolean>;
  /** Where a delivery begins, as part of the commit that makes it. */
  begin(
    transaction: Transaction,
    id: string,
    stream: StreamView,
    starts: ReadonlyMap<string, ShardPosition>,
  ): void;
  /** Forgets a delivery that does not run, as part of the commit that deletes it. */
  end(transaction: Transaction, id: string): void;
  /** Goes on where the delivery of that id was. */
  run(delivery: ChannelDelivery): RunningDelivery;
}

/** Records of a shard that become one object. */
export interface RecordRange {
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly firstArrivalMs: number;
}

export interface ChannelDelivery {
  readonly id: string;
  readonly called: string;
  readonly source: StreamSource;
  readonly stream: string;
  readonly freshnessMs: number;
  readonly bucket: string;
  readonly compression: 'NONE' | 'GZIP' | 'ZSTD';
  keyOf(range: RecordRange): string;
  sort(record: StreamRecord): Formatted;
  readonly refused: {
    readonly bucket: string;
    keyOf(range: RecordRange): string;
    write(record: StreamRecord, shardId: string, reason: string): string;
  };
  readonly metrics: { readonly namespace: string; readonly dimensions: Readonly<Record<string, string>> };
}

export interface RunningDelivery {
  setFreshness(freshnessMs: number): Promise<void>;
  close(): Promise<void>;
}
