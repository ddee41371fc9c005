import type { AppendBatch, Engine, LogId, PackedRecords } from '../../../engine/engine.ts';
import { RecordPacker, unpack } from '../../../engine/packed-records.ts';
import { cloudWatchLimits } from '../limits.ts';
import { type Bucket, decodeBlock, encodeBlock } from './metric-records.ts';
import type { Series } from './series.ts';
import { tiers } from './tiers.ts';

export const READ_BYTES = 1024 * 1024;

/** The in-memory samples of a series as blocks for its logs, one for each tier. */
export function blocksOf({ row, seconds, minutes }: Series): AppendBatch[] {
  return tiers.flatMap(({ name, seconds: length }) => {
    const buckets = name === 'second' ? seconds : name === 'minute' ? minutes : minutes.coarser(length);
    if (buckets.size === 0) return [];
    return [{ log: row.logs[name], records: packed(encodeBlock([...buckets])) }];
  });
}

/**
 * Visits the buckets of a log's blocks that may have samples from `startMs` on. Blocks are not ordered: late samples
 * are in later blocks, and future ones at most this much earlier. Records appended during the visit are skipped.
 */
export async function readBlocks(
  engine: Engine,
  log: LogId,
  startMs: number,
  visit: (bucket: Bucket) => void,
): Promise<void> {
  const end = engine.bounds(log).nextIndex;
  if (end === 0) return;
  const start = await engine.locate(log, startMs - cloudWatchLimits.metricFutureMs);
  for await (const block of recordsOf(engine, log, start, end)) {
    for (const bucket of decodeBlock(block)) visit(bucket);
  }
}

/** The records of a log from `start` (or the oldest) up to, not including, `end`. */
export async function* recordsOf(
  engine: Engine,
  log: LogId,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let next = start;
  while (next < end) {
    const batches = await engine.read(log, next, { maxRecords: end - next, maxBytes: READ_BYTES });
    if (batches.length === 0) return;
    for (const batch of batches) {
      yield* payloads(batch);
      next = batch.firstIndex + batch.count;
    }
  }
}

export function packed(payload: Uint8Array): PackedRecords {
  const packer = new RecordPacker(payload.length + 4);
  packer.add(payload);
  return packer.finish();
}

export function payloads(records: PackedRecords): Buffer[] {
  const { buffer, byteOffset } = records.bytes;
  const result: Buffer[] = [];
  unpack(records, (_ordinal, offset, length) => {
    result.push(Buffer.from(buffer, byteOffset + offset, length));
  });
  return result;
}
