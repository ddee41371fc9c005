import type { DeliveryBatch, DeliveryRecord } from '../../../src/delivery/destination.ts';
import type { ColumnSettings, ColumnType, TableSettings } from '../../../src/delivery/database/table.ts';

export const SHARD = 'shardId-000000000000';

export function record(data: string | Uint8Array, sequence: number, subSequence = 0): DeliveryRecord {
  return {
    data: typeof data === 'string' ? Buffer.from(data) : data,
    arrivalMs: Date.UTC(2026, 10, 29, 1, 2, 3) + sequence,
    shardId: SHARD,
    sequenceNumber: `1${String(sequence).padStart(19, '0')}`,
    subSequenceNumber: subSequence,
    partitionKey: 'k',
  };
}

/** Records with consecutive sequence numbers. */
export function batch(texts: readonly (string | Uint8Array)[], first = 1): DeliveryBatch {
  const records = texts.map((text, index) => record(text, first + index));
  const [begin, end] = [record('', first), record('', first + texts.length - 1)];
  return {
    deliveryId: `test/${SHARD}/${begin.sequenceNumber}-${end.sequenceNumber}`,
    shardId: SHARD,
    firstSequenceNumber: begin.sequenceNumber,
    lastSequenceNumber: end.sequenceNumber,
    firstArrivalMs: begin.arrivalMs,
    records,
  };
}

export function column(name: string, type: ColumnType, more: Partial<ColumnSettings> = {}): ColumnSettings {
  return { name, type, path: `$.${name}`, required: false, ...more };
}

export function table(...columns: readonly ColumnSettings[]): TableSettings {
  return { name: 'orders', columns };
}

export const never = new AbortController().signal;
