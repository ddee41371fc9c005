import { compareSequenceNumbers } from '../consumers/checkpoints.ts';
import { deaggregate, mayBeAggregated } from '../consumers/kpl.ts';
import {
  type ShardView,
  type StreamRecord,
  type StreamSource,
  type StreamView,
  UnknownShardError,
} from '../consumers/source.ts';
import { consumerLimits } from '../consumers/limits.ts';
import { deliveryLimits } from './limits.ts';
import type { DeliveryRecord } from './destination.ts';
import type { Range } from './ranges.ts';

/** Reads the records of a range, except those that have expired since. */
export async function readRange(
  source: StreamSource,
  stream: StreamView,
  shardId: string,
  { firstSequenceNumber, lastSequenceNumber }: Range,
): Promise<StreamRecord[]> {
  const found: StreamRecord[] = [];
  try {
    const reader = await source.open(stream, shardId, {
      type: 'AT_SEQUENCE_NUMBER',
      sequenceNumber: firstSequenceNumber,
    });
    for (;;) {
      const { records } = await reader.read({
        maxRecords: consumerLimits.readRecordsMax,
        maxBytes: deliveryLimits.objectBytesMax,
      });
      const within = records.filter(
        ({ sequenceNumber }) => compareSequenceNumbers(sequenceNumber, lastSequenceNumber) <= 0,
      );
      found.push(...within);
      const reached = within.at(-1)?.sequenceNumber === lastSequenceNumber;
      if (reached || within.length < records.length || records.length === 0) return found;
    }
  } catch (error) {
    if (error instanceof UnknownShardError) return found;
    throw error;
  }
}

/** Returns the records as producers sent them. Splits aggregated records if `deaggregates` is set. */
export function deliveryRecords(
  records: readonly StreamRecord[],
  shard: Pick<ShardView, 'shardId' | 'startingHashKey' | 'endingHashKey'>,
  deaggregates: boolean,
): DeliveryRecord[] {
  const { shardId } = shard;
  if (!deaggregates) return records.map((record) => toDeliver(record, shardId, 0));
  const result: DeliveryRecord[] = [];
  for (const record of records) {
    if (!mayBeAggregated(record.data)) {
      result.push(toDeliver(record, shardId, 0));
      continue;
    }
    for (const user of deaggregate(record, shard)) {
      result.push(toDeliver(user, shardId, user.subSequenceNumber));
    }
  }
  return result;
}

function toDeliver(record: StreamRecord, shardId: string, subSequenceNumber: number): DeliveryRecord {
  const { data, arrivalMs, sequenceNumber, partitionKey } = record;
  return { data, arrivalMs, shardId, sequenceNumber, subSequenceNumber, partitionKey };
}
