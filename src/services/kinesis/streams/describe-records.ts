import type { Catalog } from '../../../engine/catalog.ts';
import type { RecordRange } from '../../../engine/engine.ts';
import { numberAt, shardPart } from '../records/sequence-number.ts';
import { shardIdOf } from '../shards/shard.ts';
import { openTables, type ShardRow } from './rows.ts';

/** Describes the stream, the shard and the sequence numbers of records in a log. */
export function describeStreamRecords(
  catalog: Pick<Catalog, 'table'>,
  records: RecordRange,
): string | undefined {
  const { streams, shards } = openTables(catalog);
  for (const [key, row] of shards.entries()) {
    if (row.log !== records.log) continue;
    const streamId = key.slice(0, key.lastIndexOf('/'));
    for (const [, stream] of streams.entries()) {
      if (stream.id !== streamId) continue;
      return `stream ${stream.name}, shard ${shardIdOf(row.index)}, ${sequenceNumbers(row, records)}`;
    }
  }
  return undefined;
}

function sequenceNumbers(shard: ShardRow, records: RecordRange): string {
  const { firstIndex, count, arrivalMs, previousArrivalMs } = records;
  const part = shardPart(shard.createdSeconds, shard.index);
  if (arrivalMs !== undefined) {
    const first = numberAt(part, firstIndex, arrivalMs);
    if (count === 1) return `sequence number ${first}`;
    return `sequence numbers ${first} to ${numberAt(part, firstIndex + count - 1, arrivalMs)}`;
  }
  // A sequence number contains the record's arrival time, which is lost with the record.
  const some = count === 1 ? '1 record' : `${count} records`;
  if (previousArrivalMs === undefined) return `${some} from the oldest one on`;
  return `${some} after sequence number ${numberAt(part, firstIndex - 1, previousArrivalMs)}`;
}
