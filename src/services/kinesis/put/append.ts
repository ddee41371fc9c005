import assert from 'node:assert/strict';
import {
  type AppendAnswer,
  type AppendBatch,
  type Appended,
  EngineBusyError,
  EngineFullError,
  LogSealedError,
  type PackedRecords,
  type IdempotencyKey,
} from '../../../engine/engine.ts';
import type { CallContext } from '../../../protocol/service.ts';
import type { Kinesis } from '../context.ts';
import { noSpaceLeft, recordsExpired, streamNotFound, tooBusy } from '../errors.ts';
import { hashKeyOf, type PutEntry } from './pack.ts';
import { hashKeyAt, type PreparsedRecords } from './preparsed.ts';
import { partitionByShard } from './partition-by-shard.ts';
import type { SequenceRun } from '../records/sequence-run.ts';
import type { Shard } from '../shards/shard.ts';
import type { ShardMap } from '../shards/shard-map.ts';
import type { Stream } from '../streams/stream.ts';

export interface PutPlace {
  readonly shard: Shard;
  /** Undefined if the record was not stored because the shard's rate is exceeded. */
  readonly sequenceNumber: string | undefined;
}

export type PutCaller = Pick<CallContext, 'invocationId' | 'signal'>;

/** A put call whose records are packed and ready to be stored. */
export interface PutCall {
  readonly kinesis: Kinesis;
  readonly stream: Stream;
  readonly call: PutCaller;
  readonly entries: readonly PutEntry[];
  readonly packed: PackedRecords;
  /** The memory of `packed` is reused once the call is answered. */
  readonly packedIsReused: boolean;
  /** What a worker thread has computed for `entries` already. */
  readonly preparsed: PreparsedRecords | undefined;
  readonly idempotencyKey: IdempotencyKey | undefined;
  /** The first shard when records are distributed round-robin; undefined if their keys decide. */
  readonly roundRobinFrom: number | undefined;
}

/** How a call's records were distributed, in the flags of its idempotency key: the strategy may change later. */
const DISTRIBUTED_BY = { keys: 0, roundRobin: 1 } as const;

/** Stores all records of the call. */
export async function appendPut(put: PutCall): Promise<PutPlace[]> {
  const { shards, answer } = await appendRouted(put, shardsOf);
  return answer.repeated ? placesOfEarlierCall(put, answer) : places(shards, answer.batches);
}

export interface RoutedAppend {
  /**
   * The shard of each packed record. For the response of an earlier call these may differ from that call's shards.
   */
  readonly shards: readonly Shard[];
  readonly answer: AppendAnswer;
}

/**
 * Appends the packed records. `routeBy` returns the shard of each of those records; the result of `along` is stored
 * with them, as the last batch.
 */
export async function appendRouted(
  put: PutCall,
  routeBy: (put: PutCall, map: ShardMap<Shard>) => Shard[],
  along?: (shards: readonly Shard[]) => AppendBatch,
): Promise<RoutedAppend> {
  const { kinesis, stream, packed, packedIsReused, idempotencyKey, roundRobinFrom } = put;
  const cipher = stream.row.encryptionKeyId === undefined ? undefined : kinesis.ciphers.of(stream);
  const flags = roundRobinFrom === undefined ? DISTRIBUTED_BY.keys : DISTRIBUTED_BY.roundRobin;
  for (;;) {
    const shards = routeBy(put, stream.map);
    const batches = partitionByShard(packed, packedIsReused, shards, cipher);
    if (along !== undefined) batches.push(along(shards));
    try {
      const request = idempotencyKey === undefined ? { batches, flags } : { batches, flags, idempotencyKey };
      const answer = await kinesis.engine.append(request);
      return { shards, answer };
    } catch (error) {
      await afterRefusal(put, error);
    }
  }
}

/** Resolves when a concurrent reshard is complete, so that the records can be distributed over the new shards. */
async function afterRefusal({ kinesis, stream, call }: PutCall, error: unknown): Promise<void> {
  if (error instanceof EngineFullError) throw noSpaceLeft();
  if (error instanceof EngineBusyError) throw tooBusy();
  if (!(error instanceof LogSealedError)) throw error;
  await stream.whenSettled(call.signal);
  // The log is sealed although no reshard is in progress: yield before the next attempt.
  await new Promise((resolve) => setImmediate(resolve));
  if (call.signal.aborted) throw tooBusy();
  if (stream.gone) throw streamNotFound(stream.name, kinesis.accountId);
}

/**
 * The sequence numbers of an earlier call with the same id, all of whose records were stored: in the shards whose
 * logs have them, regardless of later splits, merges and mode changes.
 */
export function placesOfEarlierCall(
  { stream, entries }: PutCall,
  { batches, flags }: AppendAnswer,
): PutPlace[] {
  const shards = stream.shardsOfLogs(batches.map(({ log }) => log));
  if (shards === undefined) throw recordsExpired(stream.name);
  const [only] = shards;
  const roundRobin = flags === DISTRIBUTED_BY.roundRobin;
  const shardsThen = entries.map((entry, ordinal) => {
    // Round-robin over all the shards of that time, or over as many as there are records.
    const shard =
      shards.length === 1 ? only : roundRobin ? shards[ordinal % shards.length] : byKey(shards, entry);
    assert(shard !== undefined, 'a record was stored in no shard');
    return shard;
  });
  return places(shardsThen, batches);
}

function byKey(shards: readonly Shard[], entry: PutEntry): Shard | undefined {
  const key = hashKeyOf(entry);
  return shards.find(({ startHash, endHash }) => startHash <= key && key <= endHash);
}

/** Returns the shard of each record. */
export function shardsOf({ entries, preparsed, roundRobinFrom }: PutCall, map: ShardMap<Shard>): Shard[] {
  const { only } = map;
  if (only !== undefined) return entries.map(() => only);
  if (roundRobinFrom !== undefined) return entries.map((_, ordinal) => map.at(roundRobinFrom + ordinal));
  if (preparsed !== undefined) return entries.map((_, ordinal) => map.shardOf(hashKeyAt(preparsed, ordinal)));
  return entries.map((entry) => map.shardOf(hashKeyOf(entry)));
}

export function places(shards: readonly Shard[], appended: readonly Appended[]): PutPlace[] {
  const [only] = shards;
  const [batch] = appended;
  if (shards.length === 1 && only !== undefined && batch !== undefined) {
    return [{ shard: only, sequenceNumber: only.sequenceNumber(batch.firstIndex, batch.arrivalMs) }];
  }
  const runs = new Map<Shard, SequenceRun>();
  return shards.map((shard) => {
    let run = runs.get(shard);
    if (run === undefined) {
      // Batches are in the order in which their shards first occur.
      const { firstIndex, arrivalMs } = appended[runs.size] ?? { firstIndex: 0, arrivalMs: 0 };
      run = shard.sequenceRun(firstIndex, arrivalMs);
      runs.set(shard, run);
    }
    return { shard, sequenceNumber: run.next() };
  });
}
