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
  /** The memory of `packed` is somebody else's again when the call is answered. */
  readonly packedIsLent: boolean;
  /** What is known of `entries` already. */
  readonly ready: PreparsedRecords | undefined;
  readonly token: IdempotencyKey | undefined;
  /** Where the spreading of records over the shards begins; undefined when their keys decide. */
  readonly spreadFrom: number | undefined;
}

/** How a call's records were distributed, as the flags stored with its idempotency key say: the strategy may change later. */
const SHARED_OUT_BY = { keys: 0, spreading: 1 } as const;

/** Stores all records of the call. */
export async function store(put: Put): Promise<PutPlace[]> {
  const { shards, answer } = await appendRouted(put, route);
  return answer.repeated ? placesThen(put, answer) : places(shards, answer.batches);
}

export interface RoutedAppend {
  /** Of each record that was packed; when the answer is that to an earlier call, not necessarily those of that time. */
  readonly shards: readonly Shard[];
  readonly answer: AppendAnswer;
}

/**
 * Appends what is packed. `routeBy` gives the shard of each of those records; what `along` makes of them is stored
 * with them, as the last batch.
 */
export async function appendRouted(
  put: Put,
  routeBy: (put: Put, map: ShardMap<Shard>) => Shard[],
  along?: (shards: readonly Shard[]) => AppendBatch,
): Promise<RoutedAppend> {
  const { kinesis, stream, packed, packedIsLent, token, spreadFrom } = put;
  const cipher = stream.row.encryptionKeyId === undefined ? undefined : kinesis.ciphers.of(stream);
  const flags = spreadFrom === undefined ? SHARED_OUT_BY.keys : SHARED_OUT_BY.spreading;
  for (;;) {
    const shards = routeBy(put, stream.map);
    const batches = partitionByShard(packed, packedIsLent, shards, cipher);
    if (along !== undefined) batches.push(along(shards));
    try {
      const request = token === undefined ? { batches, flags } : { batches, flags, idempotencyKey: token };
      const answer = await kinesis.engine.append(request);
      return { shards, answer };
    } catch (error) {
      await afterRefusal(put, error);
    }
  }
}

/** Resolves when a reshard came between, and the records are to be shared out among the new shards. */
async function afterRefusal({ kinesis, stream, call }: Put, error: unknown): Promise<void> {
  if (error instanceof EngineFullError) throw noSpaceLeft();
  if (error instanceof EngineBusyError) throw tooBusy();
  if (!(error instanceof LogSealedError)) throw error;
  await stream.whenSettled(call.signal);
  // Whatever should keep a log sealed without a reshard under way: others get their turn meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  if (call.signal.aborted) throw tooBusy();
  if (stream.gone) throw streamNotFound(stream.name, kinesis.accountId);
}

/**
 * The places that an earlier call with the same id was given, all of whose records were stored: in the shards whose
 * logs took them, whatever has been split, merged or changed since.
 */
export function placesThen({ stream, entries }: Put, { batches, flags }: AppendAnswer): PutPlace[] {
  const shards = stream.shardsOfLogs(batches.map(({ log }) => log));
  if (shards === undefined) throw recordsExpired(stream.name);
  const [only] = shards;
  const spread = flags === SHARED_OUT_BY.spreading;
  const then = entries.map((entry, ordinal) => {
    // Spread one after the other over all shards that there were, or over as many as there are records.
    const shard =
      shards.length === 1 ? only : spread ? shards[ordinal % shards.length] : byKey(shards, entry);
    assert(shard !== undefined, 'a record was stored in no shard');
    return shard;
  });
  return places(then, batches);
}

function byKey(shards: readonly Shard[], entry: PutEntry): Shard | undefined {
  const key = hashKeyOf(entry);
  return shards.find(({ startHash, endHash }) => startHash <= key && key <= endHash);
}

/** The shard of each record. */
export function route({ entries, ready, spreadFrom }: Put, map: ShardMap<Shard>): Shard[] {
  const { only } = map;
  if (only !== undefined) return entries.map(() => only);
  if (spreadFrom !== undefined) return entries.map((_, ordinal) => map.at(spreadFrom + ordinal));
  if (ready !== undefined) return entries.map((_, ordinal) => map.route(hashKeyAt(ready, ordinal)));
  return entries.map((entry) => map.route(hashKeyOf(entry)));
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
      // Batches lie in the order in which their shards first occur.
      const { firstIndex, arrivalMs } = appended[runs.size] ?? { firstIndex: 0, arrivalMs: 0 };
      run = shard.sequenceRun(firstIndex, arrivalMs);
      runs.set(shard, run);
    }
    return { shard, sequenceNumber: run.next() };
  });
}
