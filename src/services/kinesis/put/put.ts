import { acquireBuffer, releaseBuffer } from '../../../support/buffer-pool.ts';
import type { Kinesis } from '../context.ts';
import { countTraffic } from './metrics.ts';
import { pack, type PutEntry } from './pack.ts';
import type { PreparsedRecords } from './preparsed.ts';
import { type PutCall, type PutCaller, type PutPlace, appendPut } from './append.ts';
import { idempotencyKeyOf } from '../../../engine/idempotency-key.ts';
import type { Stream } from '../streams/stream.ts';
import { throttledPut } from '../throttle/throttled-put.ts';

/**
 * Implements PutRecord and PutRecords. Stores all records durably, or none, except those that limits refuse, and
 * returns their sequence numbers. Records are packed once in the order of the request, partitioned by shard, and
 * appended in one commit.
 *
 * A call that is repeated with the same invocation id gets the first result.
 */
export async function putRecords(
  kinesis: Kinesis,
  stream: Stream,
  entries: readonly PutEntry[],
  call: PutCaller,
  preparsed?: PreparsedRecords,
): Promise<PutPlace[]> {
  // Records for several shards are copied when they are partitioned, so that pooled memory can be released.
  const pooled = preparsed === undefined && stream.map.only === undefined;
  const packed = preparsed ?? (pooled ? pack(entries, acquireBuffer) : pack(entries));
  const idempotencyKey =
    call.invocationId === undefined ? undefined : idempotencyKeyOf(call.invocationId, stream.id, packed);
  const put: PutCall = {
    kinesis,
    stream,
    call,
    entries,
    packed,
    packedIsReused: pooled || preparsed !== undefined,
    preparsed,
    idempotencyKey,
    roundRobinFrom: stream.row.distribution === 'AUTO' ? kinesis.roundRobin.next(idempotencyKey) : undefined,
  };
  const throttle = kinesis.throttles.of(stream);
  const placed = throttle === undefined ? await appendPut(put) : await throttledPut(put, throttle);
  if (pooled) releaseBuffer(packed.bytes);
  if (stream.row.mode === 'ON_DEMAND') countTraffic(stream, entries, placed);
  return placed;
}
