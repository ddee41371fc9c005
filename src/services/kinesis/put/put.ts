import type { CallContext } from '../../../protocol/service.ts';
import { acquireBuffer, releaseBuffer } from '../../../support/buffer-pool.ts';
import type { Kinesis } from '../context.ts';
import { countTraffic } from './metrics.ts';
import { pack, type PutEntry } from './pack.ts';
import type { PreparsedRecords } from './preparsed.ts';
import { type Put, type PutPlace, store } from './append.ts';
import { tokenOf } from './token.ts';
import type { Stream } from '../streams/stream.ts';
import { putWithinLimits } from '../throttle/throttled-put.ts';

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
  call: CallContext,
  ready?: PreparsedRecords,
): Promise<PutPlace[]> {
  // Records for several shards are copied when they are partitioned, so that pooled memory can be released.
  const pooled = ready === undefined && stream.map.only === undefined;
  const packed = ready ?? (pooled ? pack(entries, acquireBuffer) : pack(entries));
  const token = call.invocationId === undefined ? undefined : tokenOf(call.invocationId, stream, packed);
  const put: Put = {
    kinesis,
    stream,
    call,
    entries,
    packed,
    packedIsReused: pooled || ready !== undefined,
    ready,
    token,
    spreadFrom: stream.row.distribution === 'AUTO' ? kinesis.spreading.next(token) : undefined,
  };
  const throttle = kinesis.throttles.of(stream);
  const placed = throttle === undefined ? await store(put) : await putWithinLimits(put, throttle);
  if (pooled) releaseBuffer(packed.bytes);
  if (stream.row.mode === 'ON_DEMAND') countTraffic(stream, entries, placed);
  return placed;
}
