import {
  type AppendBatch,
  type Appended,
  type AppendRequest,
  EngineBusyError,
  EngineFullError,
  LogSealedError,
  type PackedRecords,
  type RequestToken,
} from '../engine/engine.ts';
import { RecordPacker } from '../engine/packed-records.ts';
import type { CallContext } from '../protocol/service.ts';
import type { Kinesis } from './context.ts';
import { noSpaceLeft, streamNotFound, tooBusy } from './errors.ts';
import { type HashKey, hashPartitionKey, parseHashKey } from './hash-key.ts';
import { packRecord } from './record-codec.ts';
import { shareOut } from './share-out.ts';
import type { SequenceRun } from './sequence-run.ts';
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
  /** Undefined when the record was not stored, since the shard takes no more at this time. */
  readonly sequenceNumber: string | undefined;
}

/** A call that puts records, ready to be stored. */
export interface Put {
  readonly kinesis: Kinesis;
  readonly stream: Stream;
  readonly call: CallContext;
  readonly entries: readonly PutEntry[];
  readonly packed: PackedRecords;
  readonly token: RequestToken | undefined;
  /** Where the spreading of records over the shards begins, when it is not by their keys. */
  readonly spreadFrom: number;
}

/**
 * Stores what is packed. `routeBy` gives the shard of each of those records; `along` is stored with them, as the
 * last batch.
 */
export async function store(
  put: Put,
  routeBy: (put: Put, map: ShardMap<Shard>) => Shard[],
  along: readonly AppendBatch[] = [],
): Promise<PutPlace[]> {
  const { kinesis, stream, packed, token } = put;
  const cipher = stream.row.encryptionKeyId === undefined ? undefined : kinesis.ciphers.of(stream);
  for (;;) {
    const map = stream.map;
    const shards = routeBy(put, map);
    const shared = shareOut(packed, shards, cipher);
    const batches = along.length === 0 ? shared : [...shared, ...along];
    const appended = await append(put, { batches, ...(token !== undefined && { token }) });
    if (appended === undefined) continue;
    // Answered from memory, and the shards have been split or merged since: the places are in those of that time.
    const then = mapOf(stream, appended);
    return places(then === map ? shards : routeBy(put, then), appended);
  }
}

/** The open shards as they were when that was stored. */
export function mapOf(stream: Stream, appended: readonly Appended[]): ShardMap<Shard> {
  const [first] = appended;
  return first === undefined ? stream.map : stream.mapAt(first.arrivalMs);
}

/** Undefined when a reshard came between, and the records are to be shared out among the new shards. */
async function append(
  { kinesis, stream, call }: Put,
  request: AppendRequest,
): Promise<readonly Appended[] | undefined> {
  try {
    return await kinesis.engine.append(request);
  } catch (error) {
    if (error instanceof EngineFullError) throw noSpaceLeft();
    if (error instanceof EngineBusyError) throw tooBusy();
    if (!(error instanceof LogSealedError)) throw error;
    await stream.whenSettled(call.signal);
    // Whatever should keep a log sealed without a reshard under way: others get their turn meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
    if (call.signal.aborted) throw tooBusy();
    if (stream.gone) throw streamNotFound(stream.name, kinesis.accountId);
    return undefined;
  }
}

export function pack(entries: readonly PutEntry[]): PackedRecords {
  let expectedBytes = 0;
  for (const { data, partitionKey } of entries) expectedBytes += data.length + partitionKey.length + 64;
  const packer = new RecordPacker(expectedBytes);
  for (const entry of entries) packRecord(packer, entry.partitionKey, entry.explicitHashKey, entry.data);
  return packer.finish();
}

/** The shard of each record. */
export function route({ stream, entries, spreadFrom }: Put, map: ShardMap<Shard>): Shard[] {
  const { only } = map;
  if (only !== undefined) return entries.map(() => only);
  if (stream.row.distribution === 'AUTO') return entries.map((_, ordinal) => map.at(spreadFrom + ordinal));
  return entries.map((entry) => map.route(hashKeyOf(entry)));
}

export function hashKeyOf(entry: PutEntry): HashKey {
  const explicit = entry.explicitHashKey === undefined ? undefined : parseHashKey(entry.explicitHashKey);
  return explicit ?? hashPartitionKey(entry.partitionKey);
}

export function places(shards: readonly Shard[], appended: readonly Appended[]): PutPlace[] {
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
