import assert from 'node:assert/strict';
import { recordsExpired } from '../errors.ts';
import { appendRouted, places, placesThen, type Put, type PutPlace, route, store } from '../put/append.ts';
import { pack } from '../put/pack.ts';
import type { Appended } from '../../../engine/engine.ts';
import { partialToken } from '../put/token.ts';
import type { Shard } from '../shards/shard.ts';
import type { ShardMap } from '../shards/shard-map.ts';
import type { RecordFate } from './partial-puts.ts';
import type { StreamThrottle } from './stream-throttle.ts';

/**
 * Stores the records that the shards' limits allow. Once a shard refuses a record, it refuses all later ones of the
 * call too, so that a client that resends the refused ones in order keeps the order of the shard.
 *
 * A retry gets the first result, refused records included, and is not charged. A call that was refused entirely
 * leaves no trace, so its retry is a new attempt.
 */
export async function putWithinLimits(put: Put, throttle: StreamThrottle): Promise<PutPlace[]> {
  const { token } = put;
  if (token === undefined) return await admitAndStore(put, throttle);
  const name = Buffer.from(token.id).toString('hex');
  return await put.kinesis.throttles.calls.exclusive(name, async () => {
    return (await recall(put)) ?? (await admitAndStore(put, throttle));
  });
}

async function admitAndStore(put: Put, throttle: StreamThrottle): Promise<PutPlace[]> {
  const { kinesis, stream, entries } = put;
  const shards = route(put, stream.map);
  const stored = admit(put, throttle, shards);
  const refused = stored.filter((admitted) => !admitted).length;
  count(put, shards, stored, refused);
  if (refused === entries.length) return shards.map((shard) => ({ shard, sequenceNumber: undefined }));
  if (refused === 0) return await store(put);
  const noteOf = put.token && (await kinesis.throttles.partialPuts.prepare());
  const part: Put = {
    ...put,
    packed: pack(entries.filter((_, ordinal) => stored[ordinal])),
    packedIsReused: false,
    token: put.token && partialToken(put.token),
  };
  const routeStored = (_: Put, map: ShardMap<Shard>) =>
    route(put, map).filter((_shard, ordinal) => stored[ordinal]);
  const fates = (kept: readonly Shard[]) => fatesOf(shards, stored, kept);
  const appended = await appendRouted(part, routeStored, noteOf && ((kept) => noteOf(fates(kept))));
  assert(!appended.answer.repeated, 'a repeated call was not recalled');
  return placesOf(fates(appended.shards), appended.answer.batches);
}

/** Decides which records are stored. */
function admit({ entries }: Put, throttle: StreamThrottle, shards: readonly Shard[]): boolean[] {
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
function fatesOf(
  shards: readonly Shard[],
  stored: readonly boolean[],
  kept: readonly Shard[],
): RecordFate<Shard>[] {
  let next = 0;
  return shards.map((shard, ordinal) => {
    return stored[ordinal] === true
      ? { shard: kept[next++] ?? shard, stored: true }
      : { shard, stored: false };
  });
}

function placesOf(fates: readonly RecordFate<Shard>[], appended: readonly Appended[]): PutPlace[] {
  const kept = places(
    fates.filter(({ stored }) => stored).map(({ shard }) => shard),
    appended,
  );
  let next = 0;
  return fates.map(({ shard, stored }) => {
    const place = stored ? kept[next++] : undefined;
    return place ?? { shard, sequenceNumber: undefined };
  });
}

/** Returns the first result if this is a retry. */
async function recall(put: Put): Promise<PutPlace[] | undefined> {
  const { kinesis, stream, token } = put;
  if (token === undefined) return undefined;
  const whole = await kinesis.engine.recall(token);
  if (whole !== undefined) return placesThen(put, whole);
  const part = await kinesis.engine.recall(partialToken(token));
  const note = part?.batches.at(-1);
  if (part === undefined || note === undefined) return undefined;
  const noted = await kinesis.throttles.partialPuts.read(note.firstIndex);
  const fates = noted?.map(({ shard, stored }) => ({ shard: stream.shard(shard), stored }));
  if (fates === undefined || !allKnown(fates)) throw recordsExpired(stream.name);
  return placesOf(fates, part.batches);
}

function allKnown(fates: readonly RecordFate<Shard | undefined>[]): fates is RecordFate<Shard>[] {
  return fates.every(({ shard }) => shard !== undefined);
}

function count(put: Put, shards: readonly Shard[], stored: readonly boolean[], refused: number): void {
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
