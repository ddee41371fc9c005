import type { Position } from './positions.ts';
import { readStream, type ReadOptions } from './read-stream.ts';
import type { ReadRecord } from './record.ts';

/** How far back to look for the last records: a stream cannot be read backwards. */
const WINDOWS_MS = [60_000, 600_000, 3_600_000, 86_400_000];

export interface LastRecords {
  /** In the order of their times. */
  readonly records: readonly { readonly shardId: string; readonly record: ReadRecord }[];
  /** Where each shard goes on. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Where shards without records go on. */
  readonly rest: Position;
}

/** The last `count` records of a stream, by arrival. Reads growing parts of it until there are enough. */
export async function lastRecords(
  count: number,
  options: Omit<ReadOptions, 'position' | 'follow'>,
): Promise<LastRecords> {
  const nowMs = Date.now();
  for (const windowMs of [...WINDOWS_MS, Infinity]) {
    const position: Position =
      windowMs === Infinity ? { kind: 'oldest' } : { kind: 'time', timeMs: nowMs - windowMs };
    const found = await lastFrom(position, count, options);
    if (found.records.length >= count || windowMs === Infinity || options.signal.aborted) return found;
  }
  throw new Error('the last window is infinite');
}

async function lastFrom(
  position: Position,
  count: number,
  options: Omit<ReadOptions, 'position' | 'follow'>,
): Promise<LastRecords> {
  const positions = new Map<string, Position>();
  let records: { shardId: string; record: ReadRecord }[] = [];
  for await (const batch of readStream({ ...options, position, follow: false })) {
    const { shardId } = batch;
    const last = batch.records.at(-1);
    if (last === undefined) continue;
    positions.set(shardId, { kind: 'after', sequenceNumber: last.SequenceNumber });
    for (const record of batch.records.slice(-count || batch.records.length))
      records.push({ shardId, record });
    if (records.length > 2 * count + 10_000) records = newest(records, count);
  }
  return { records: newest(records, count), positions, rest: position };
}

function newest<Item extends { readonly record: ReadRecord }>(
  records: readonly Item[],
  count: number,
): Item[] {
  const sorted = records.toSorted(
    (a, b) => a.record.ApproximateArrivalTimestamp - b.record.ApproximateArrivalTimestamp,
  );
  return count === 0 ? [] : sorted.slice(-count);
}
