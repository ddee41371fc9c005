import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  type Appended,
  type AppendRequest,
  EngineBusyError,
  EngineFullError,
  LogSealedError,
  type PackedRecords,
} from '../engine/engine.ts';
import { RecordPacker } from '../engine/packed-records.ts';
import type { CallContext } from '../protocol/service.ts';
import type { Kinesis } from './context.ts';
import { noSpaceLeft, streamNotFound, tooBusy } from './errors.ts';
import { type HashKey, hashPartitionKey, parseHashKey } from './hash-key.ts';
import { packRecord } from './record-codec.ts';
import { shareOut } from './share-out.ts';
import type { SequenceRun } from './sequence-number.ts';
import type { Shard } from './shard.ts';
import type { ShardMap } from './shard-map.ts';
import type { Stream } from './stream.ts';

export interface PutEntry {
  readonly partitionKey: string;
  /** Checked to be below 2^128. */
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
}

export interface PutPlace {
  readonly shard: Shard;
  readonly sequenceNumber: string;
}

/**
 * Stores records and says where each lies: all of them, durably, or none. The way of PutRecord and PutRecords: the
 * records are packed once in the order of the request, shared out among their shards, and appended in one step.
 *
 * A call that is repeated with the same invocation id gets the places of the first time.
 */
export async function putRecords(
  kinesis: Kinesis,
  stream: Stream,
  entries: readonly PutEntry[],
  call: CallContext,
): Promise<PutPlace[]> {
  const packed = pack(entries);
  const token = call.invocationId === undefined ? undefined : tokenOf(call.invocationId, stream, packed);
  const cipher = stream.row.encryptionKeyId === undefined ? undefined : kinesis.ciphers.of(stream);
  for (;;) {
    const shards = route(stream, stream.map, entries, packed);
    const batches = shareOut(packed, shards, cipher);
    const appended = await append(kinesis, stream, { batches, ...(token !== undefined && { token }) }, call);
    if (appended === undefined) continue;
    const first = appended[0];
    const then = first === undefined ? stream.map : stream.mapAt(first.arrivalMs);
    // Answered from memory, and the shards have been split or merged since: the places are in those of that time.
    if (then !== stream.map) return places(route(stream, then, entries, packed), appended);
    return places(shards, appended);
  }
}

/** Undefined when a reshard came between, and the records are to be shared out among the new shards. */
async function append(
  kinesis: Kinesis,
  stream: Stream,
  request: AppendRequest,
  call: CallContext,
): Promise<readonly Appended[] | undefined> {
  try {
    return await kinesis.engine.append(request);
  } catch (error) {
    if (error instanceof EngineFullError) throw noSpaceLeft();
    if (error instanceof EngineBusyError) throw tooBusy();
    if (!(error instanceof LogSealedError)) throw error;
    await stream.whenSettled(call.signal);
    if (call.signal.aborted) throw tooBusy();
    if (stream.gone) throw streamNotFound(stream.name, kinesis.accountId);
    return undefined;
  }
}

function pack(entries: readonly PutEntry[]): PackedRecords {
  let expectedBytes = 0;
  for (const { data, partitionKey } of entries) expectedBytes += data.length + partitionKey.length + 64;
  const packer = new RecordPacker(expectedBytes);
  for (const entry of entries) packRecord(packer, entry.partitionKey, entry.explicitHashKey, entry.data);
  return packer.finish();
}

/**
 * The digest tells a repeat from another request that bears the same id by accident: the checksum of all that is
 * to be stored, its length, and the stream.
 */
function tokenOf(invocationId: string, stream: Stream, packed: PackedRecords) {
  const id = Buffer.from(invocationId.replaceAll('-', ''), 'hex');
  const digest = Buffer.allocUnsafe(12);
  digest.writeUInt32LE(crc32(packed.bytes, crc32(stream.id)), 0);
  digest.writeUInt32LE(packed.bytes.length, 4);
  digest.writeUInt32LE(packed.count, 8);
  return { id: id.length === 16 ? id : hash('md5', invocationId, 'buffer'), digest };
}

function route(
  stream: Stream,
  map: ShardMap<Shard>,
  entries: readonly PutEntry[],
  packed: PackedRecords,
): Shard[] {
  const { only } = map;
  if (only !== undefined) return entries.map(() => only);
  if (stream.row.distribution === 'USER_PARTITION_KEY')
    return entries.map((entry) => map.route(hashKeyOf(entry)));
  // AUTO: spread evenly, from a place that a repeat of the call begins at too.
  const start = crc32(packed.bytes);
  return entries.map((_, ordinal) => map.at(start + ordinal));
}

function hashKeyOf(entry: PutEntry): HashKey {
  const explicit = entry.explicitHashKey === undefined ? undefined : parseHashKey(entry.explicitHashKey);
  return explicit ?? hashPartitionKey(entry.partitionKey);
}

function places(shards: readonly Shard[], appended: readonly Appended[]): PutPlace[] {
  const runs = new Map<Shard, SequenceRun>();
  return shards.map((shard) => {
    let run = runs.get(shard);
    if (run === undefined) {
      // Batches lie in the order in which their shards first occur.
      const { firstIndex, arrivalMs } = appended[runs.size] ?? { firstIndex: 0, arrivalMs: 0 };
      run = shard.sequenceRun(firstIndex, arrivalMs);
      runs.set(shard, run);
    }
    return { shard, sequenceNumber: run.next() };
  });
}
