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
 * Stores records and says where each lies: all of them, durably, or none, but for those that limits keep out. The
 * way of PutRecord and PutRecords: the records are packed once in the order of the request, shared out among their
 * shards, and appended in one step.
 *
 * A call that is repeated with the same invocation id gets the places of the first time.
 */
export async function putRecords(
  kinesis: Kinesis,
  stream: Stream,
  entries: readonly PutEntry[],
  call: CallContext,
  ready?: PreparsedRecords,
): Promise<PutPlace[]> {
  // What is shared out among several shards is copied, and given back.
  const borrowed = ready === undefined && stream.map.only === undefined;
  const packed = ready ?? (borrowed ? pack(entries, acquireBuffer) : pack(entries));
  const token = call.invocationId === undefined ? undefined : tokenOf(call.invocationId, stream, packed);
  const put: Put = {
    kinesis,
    stream,
    call,
    entries,
    packed,
    packedIsLent: borrowed || ready !== undefined,
    ready,
    token,
    spreadFrom: stream.row.distribution === 'AUTO' ? kinesis.spreading.next(token) : undefined,
  };
  const throttle = kinesis.throttles.of(stream);
  const placed = throttle === undefined ? await store(put) : await putWithinLimits(put, throttle);
  if (borrowed) releaseBuffer(packed.bytes);
  if (stream.row.mode === 'ON_DEMAND') countTraffic(stream, entries, placed);
  return placed;
}
