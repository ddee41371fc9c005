import assert from 'node:assert/strict';
import { recordsExpired } from '../errors.ts';
import {
  appendRouted,
  places,
  placesOfEarlierCall,
  type PutCall,
  type PutPlace,
  shardsOf,
  appendPut,
} from '../put/append.ts';
import { pack } from '../put/pack.ts';
import type { Appended, IdempotencyKey } from '../../../engine/engine.ts';
import type { Shard } from '../shards/shard.ts';
import type { ShardMap } from '../shards/shard-map.ts';
import type { RecordOutcome } from './partial-puts.ts';
import type { StreamThrottle } from './stream-throttle.ts';

/**
 * Stores the records that the shards' limits allow. Once a shard refuses a record, it refuses all later ones of the
 * call too, so that a client that resends the refused ones in order keeps the order of the shard.
 *
 * A retry gets the first result, refused records included, and is not charged. A call that was refused entirely
 * leaves no trace, so its retry is a new attempt.
 */
export async function throttledPut(put: PutCall, throttle: StreamThrottle): Promise<PutPlace[]> {
  const { idempotencyKey } = put;
  if (idempotencyKey === undefined) return await admitAndStore(put, throttle);
  const name = Buffer.from(idempotencyKey.id).toString('hex');
  return await put.kinesis.throttles.calls.exclusive(name, async () => {
    return (await recall(put)) ?? (await admitAndStore(put, throttle));
  });
}

async function admitAndStore(put: PutCall, throttle: StreamThrottle): Promise<PutPlace[]> {
  const { kinesis, stream, entries } = put;
  const shards = shardsOf(put, stream.map);
  const stored = admit(put, throttle, shards);
  const refused = stored.filter((admitted) => !admitted).length;
  count(put, shards, stored, refused);
  if (refused === entries.length) return shards.map((shard) => ({ shard, sequenceNumber: undefined }));
  if (refused === 0) return await appendPut(put);
  const noteOf = put.idempotencyKey && (await kinesis.throttles.partialPuts.prepare());
  const part: PutCall = {
    ...put,
    packed: pack(entries.filter((_, ordinal) => stored[ordinal])),
    packedIsReused: false,
    idempotencyKey: put.idempotencyKey && partialPutKey(put.idempotencyKey),
  };
  const routeStored = (_: PutCall, map: ShardMap<Shard>) =>
    shardsOf(put, map).filter((_shard, ordinal) => stored[ordinal]);
  const outcomes = (kept: readonly Shard[]) => outcomesOf(shards, stored, kept);
  const appended = await appendRouted(part, routeStored, noteOf && ((kept) => noteOf(outcomes(kept))));
  assert(!appended.answer.repeated, 'a retry found no earlier result');
  return placesOf(outcomes(appended.shards), appended.answer.batches);
}

/** Decides which records are stored. */
function admit({ entries }: PutCall, throttle: StreamThrottle, shards: readonly Shard[]): boolean[] {
  const full = new Set<Shard>();
  return shards.map((shard, ordinal) => {
    const entry = entries[ordinal];
    if (entry === undefined || full.has(shard)) return false;
    const bytes = entry.data.length + Buffer.byteLength(entry.partitionKey);
    const admitted = throttle.admitWrite(shard, bytes);
    if (!admitted) full.add(shard);
    return admitted;
  });
}

/**
 * `kept` are the shards of the stored records; they differ from those that admitted them if a reshard happened in
 * between.
 */
function outcomesOf(
  shards: readonly Shard[],
  stored: readonly boolean[],
  kept: readonly Shard[],
): RecordOutcome<Shard>[] {
  let next = 0;
  return shards.map((shard, ordinal) => {
    return stored[ordinal] === true
      ? { shard: kept[next++] ?? shard, stored: true }
      : { shard, stored: false };
  });
}

function placesOf(outcomes: readonly RecordOutcome<Shard>[], appended: readonly Appended[]): PutPlace[] {
  const kept = places(
    outcomes.filter(({ stored }) => stored).map(({ shard }) => shard),
    appended,
  );
  let next = 0;
  return outcomes.map(({ shard, stored }) => {
    const place = stored ? kept[next++] : undefined;
    return place ?? { shard, sequenceNumber: undefined };
  });
}

/** Returns the first result if this is a retry. */
async function recall(put: PutCall): Promise<PutPlace[] | undefined> {
  const { kinesis, stream, idempotencyKey } = put;
  if (idempotencyKey === undefined) return undefined;
  const whole = await kinesis.engine.recall(idempotencyKey);
  if (whole !== undefined) return placesOfEarlierCall(put, whole);
  const part = await kinesis.engine.recall(partialPutKey(idempotencyKey));
  const note = part?.batches.at(-1);
  if (part === undefined || note === undefined) return undefined;
  const noted = await kinesis.throttles.partialPuts.read(note.firstIndex);
  const outcomes = noted?.map(({ shard, stored }) => ({ shard: stream.shard(shard), stored }));
  if (outcomes === undefined || !allKnown(outcomes)) throw recordsExpired(stream.name);
  return placesOf(outcomes, part.batches);
}

function allKnown(outcomes: readonly RecordOutcome<Shard | undefined>[]): outcomes is RecordOutcome<Shard>[] {
  return outcomes.every(({ shard }) => shard !== undefined);
}

function count(put: PutCall, shards: readonly Shard[], stored: readonly boolean[], refused: number): void {
  const { stream } = put;
  stream.metrics.throttled.writes.add(refused);
  if (stream.row.shardMetrics.length === 0) return;
  const byShard = new Map<Shard, number>();
  for (const [ordinal, shard] of shards.entries()) {
    byShard.set(shard, (byShard.get(shard) ?? 0) + (stored[ordinal] === true ? 0 : 1));
  }
  for (const [shard, records] of byShard) {
    stream.shardMetrics(shard)?.add('WriteProvisionedThroughputExceeded', records);
  }
}

/** The idempotency key of a call of which only a part was stored; throttle/partial-puts.ts records which part. */
function partialPutKey({ id, digest }: IdempotencyKey): IdempotencyKey {
  return { id, digest: Buffer.concat([digest, Buffer.from('part')]) };
}
