import type { ReadLimits, RecordBatch } from '../../../engine/engine.ts';
import { unpack } from '../../../engine/packed-records.ts';
import type { ReadContext } from './context.ts';
import { requireKnown } from './positions.ts';
import { asBuffer } from '../../../support/as-buffer.ts';
import { isEncrypted, type StoredRecord, unpackRecord } from '../records/record-codec.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';

export interface ShardRead {
  readonly batches: readonly RecordBatch[];
  /** Where the next read begins. */
  readonly nextPosition: number;
  /** How far the last record is behind now; 0 at the tail. */
  readonly millisBehindLatest: number;
  /** The shard is closed and has been read completely. */
  readonly ended: boolean;
}

/**
 * Reads records from `position` that have not expired, to the millisecond, whether or not they are trimmed yet. Throws
 * NotOwnerError when this machine does not have what is before `position`.
 */
export async function readShard(
  context: ReadContext,
  stream: Stream,
  shard: Shard,
  position: number,
  limits: ReadLimits,
): Promise<ShardRead> {
  const { engine, clock } = context;
  requireKnown(context, shard, position);
  const tail = engine.bounds(shard.log).nextIndex;
  const oldestMs = clock.now() - stream.retentionMs;
  let batches = await engine.read(shard.log, position, limits);
  const expired = batches.findLastIndex((batch) => batch.arrivalMs < oldestMs) + 1;
  if (expired > 0) batches = batches.slice(expired);
  if (expired > 0 && batches.length === 0) {
    const kept = await engine.locate(shard.log, oldestMs);
    batches = await engine.read(shard.log, Math.max(position, kept), limits);
  }
  const last = batches.at(-1);
  // Nothing to read: `position` was at the tail, or all records after it have expired.
  const nextPosition = last === undefined ? Math.max(position, tail) : last.firstIndex + last.count;
  const behind = last !== undefined && nextPosition < engine.bounds(shard.log).nextIndex;
  return {
    batches,
    nextPosition,
    // Not 0 while there is more, because 0 means that everything was read.
    millisBehindLatest: behind ? Math.max(1, clock.now() - last.arrivalMs) : 0,
    ended: shard.closed !== undefined && nextPosition >= shard.closed.recordCount,
  };
}

/** Calls `visit` for each record of a batch, in order. */
export function eachRecord(
  context: Pick<ReadContext, 'ciphers'>,
  stream: Stream,
  shard: Shard,
  batch: RecordBatch,
  visit: (record: StoredRecord, sequenceNumber: string, encrypted: boolean) => void,
): void {
  const run = shard.sequenceRun(batch.firstIndex, batch.arrivalMs);
  const bytes = asBuffer(batch.bytes);
  unpack(batch, (_ordinal, offset, length) => {
    const encrypted = isEncrypted(bytes, offset);
    if (encrypted) {
      const payload = context.ciphers.of(stream).open(bytes.subarray(offset, offset + length));
      visit(unpackRecord(payload, 0, payload.length), run.next(), true);
    } else {
      visit(unpackRecord(bytes, offset, length), run.next(), false);
    }
  });
}
