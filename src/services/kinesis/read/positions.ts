import { NotOwnerError } from '../../../engine/engine.ts';
import type { ReadContext } from './context.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';
import { parseSequenceNumber, type SequenceNumber } from '../records/sequence-number.ts';

type PositionContext = Pick<ReadContext, 'engine' | 'clock' | 'isCopy'>;

/** Returns the position of the oldest record that has not expired. */
export async function trimHorizon(context: PositionContext, stream: Stream, shard: Shard): Promise<number> {
  return await context.engine.locate(shard.log, context.clock.now() - stream.retentionMs);
}

/** Throws NotOwnerError at a machine that cannot know: so do the positions below. */
export function latest(context: PositionContext, shard: Shard): number {
  const tail = tailOf(context, shard);
  if (mayLack(context, shard)) throw notHere();
  return tail;
}

export async function atTimestamp(context: PositionContext, shard: Shard, timeMs: number): Promise<number> {
  const position = await context.engine.locate(shard.log, timeMs);
  if (position >= tailOf(context, shard) && mayLack(context, shard)) throw notHere();
  return position;
}

function tailOf({ engine }: PositionContext, { log }: Shard): number {
  return engine.bounds(log).nextIndex;
}

/** Records that another machine has acknowledged. A closed shard gets no more, and its last record came before. */
function mayLack({ isCopy = false }: Pick<ReadContext, 'isCopy'>, { closed }: Shard): boolean {
  return isCopy && closed === undefined;
}

/** For a position that another machine has given. */
export function requireKnown(context: PositionContext, shard: Shard, position: number): void {
  if (position > tailOf(context, shard) && mayLack(context, shard)) throw notHere();
}

function notHere(): NotOwnerError {
  return new NotOwnerError('this machine does not have the newest records of the shard');
}

export type SequenceNumberFault =
  | { readonly fault: 'malformed' }
  | { readonly fault: 'other shard'; readonly shardIndex: number }
  | { readonly fault: 'other stream' };

/** Parses a sequence number for this shard, or says why it does not belong to the shard. */
export function sequenceNumberOf(shard: Shard, decimal: string): SequenceNumber | SequenceNumberFault {
  const number = parseSequenceNumber(decimal);
  if (number === undefined) return { fault: 'malformed' };
  if (number.shardIndex !== shard.index) return { fault: 'other shard', shardIndex: number.shardIndex };
  if (number.shardCreatedSeconds !== shard.row.createdSeconds) return { fault: 'other stream' };
  return number;
}

/** Never past the tail: the shard's EndingSequenceNumber, or an invented number, means the next record to come. */
export function positionOf(
  context: PositionContext,
  shard: Shard,
  number: SequenceNumber,
  place: 'at' | 'after',
): number {
  const index = number.ordinal - (place === 'at' ? 1n : 0n);
  const tail = BigInt(tailOf(context, shard));
  if (number.ordinal > tail && mayLack(context, shard)) throw notHere();
  if (index < 0n) return 0;
  return Number(index < tail ? index : tail);
}
