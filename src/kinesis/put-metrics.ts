import type { PutEntry, PutPlace } from './put.ts';
import type { Stream } from './stream.ts';

/** Counts what a call has stored, for the stream and, with enhanced monitoring, its shards. Gives its data bytes. */
export function countPut(stream: Stream, entries: readonly PutEntry[], places: readonly PutPlace[]): number {
  let bytes = 0;
  for (const { data } of entries) bytes += data.length;
  const { incoming } = stream.metrics;
  incoming.bytes.add(bytes);
  incoming.records.add(entries.length);
  if (stream.row.mode === 'ON_DEMAND') countTraffic(entries, places);
  if (stream.row.shardMetrics.length > 0) countByShard(stream, entries, places);
  return bytes;
}

function countTraffic(entries: readonly PutEntry[], places: readonly PutPlace[]): void {
  for (const [ordinal, { shard }] of places.entries()) {
    const entry = entries[ordinal];
    if (entry !== undefined) shard.addTraffic(entry.data.length + entry.partitionKey.length);
  }
}

function countByShard(stream: Stream, entries: readonly PutEntry[], places: readonly PutPlace[]): void {
  const sums = new Map<PutPlace['shard'], { bytes: number; records: number }>();
  for (const [ordinal, { shard }] of places.entries()) {
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
