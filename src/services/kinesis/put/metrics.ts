import type { PutEntry } from './pack.ts';
import type { PutPlace } from './append.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * Counts the stored records, for the stream and, with enhanced monitoring, for its shards. Returns their data bytes.
 */
export function countPut(stream: Stream, entries: readonly PutEntry[], places: readonly PutPlace[]): number {
  let bytes = 0;
  let records = 0;
  for (let ordinal = 0; ordinal < entries.length; ordinal++) {
    if (places[ordinal]?.sequenceNumber === undefined) continue;
    bytes += entries[ordinal]?.data.length ?? 0;
    records++;
  }
  const { incoming } = stream.metrics;
  incoming.bytes.add(bytes);
  incoming.records.add(records);
  if (stream.row.shardMetrics.length > 0) countByShard(stream, entries, places);
  return bytes;
}

/**
 * Counts the traffic of each shard, for the scaling of on-demand streams. Throttled records count too: they are
 * demand.
 */
export function countTraffic(
  stream: Stream,
  entries: readonly PutEntry[],
  places: readonly PutPlace[],
): void {
  const byKey = stream.row.distribution === 'USER_PARTITION_KEY';
  for (const [ordinal, { shard }] of places.entries()) {
    const entry = entries[ordinal];
    if (entry === undefined) continue;
    const { data, partitionKey, explicitHashKey } = entry;
    shard.addTraffic(
      data.length + partitionKey.length,
      byKey ? (explicitHashKey ?? partitionKey) : undefined,
    );
  }
}

function countByShard(stream: Stream, entries: readonly PutEntry[], places: readonly PutPlace[]): void {
  const sums = new Map<PutPlace['shard'], { bytes: number; records: number }>();
  for (const [ordinal, { shard, sequenceNumber }] of places.entries()) {
    if (sequenceNumber === undefined) continue;
    const sum = sums.get(shard) ?? { bytes: 0, records: 0 };
    sum.bytes += entries[ordinal]?.data.length ?? 0;
    sum.records++;
    sums.set(shard, sum);
  }
  for (const [shard, { bytes, records }] of sums) {
    const metrics = stream.shardMetrics(shard);
    metrics?.add('IncomingBytes', bytes);
    metrics?.add('IncomingRecords', records);
  }
}
