import {
  startingPositions,
  type CatalogCheckpoints,
  type ShardCheckpoint,
} from '../../../consumers/checkpoints.ts';
import {
  UnknownShardError,
  type ShardView,
  type StartingPosition,
  type StreamSource,
  type StreamView,
} from '../../../consumers/source.ts';
import type {
  EventSourceMappingProgress,
  RewindEventSourceMappingInput,
  ShardProgressDescription,
} from '../api-types.ts';
import type { BlockageInfo } from './blockages.ts';
import {
  sequenceNumberMissing,
  sequenceNumberUnknown,
  shardNeeded,
  shardUnknown,
  timestampInFuture,
  timestampInvalid,
  timestampMissing,
} from './errors.ts';

/** Where a mapping reads on after it was moved, for each shard. Throws InvalidParameterValueException. */
export async function positionsAfterMove(
  source: StreamSource,
  stream: StreamView,
  input: RewindEventSourceMappingInput,
  nowMs: number,
): Promise<ReadonlyMap<string, ShardCheckpoint>> {
  const shards = chosenShards(stream, input.ShardId);
  const type = input.StartingPosition;
  if (type === 'AT_SEQUENCE_NUMBER') {
    const [shard, ...others] = shards;
    if (shard === undefined || others.length > 0) throw shardNeeded();
    const from = await positionAt(source, stream, shard.shardId, input.SequenceNumber);
    return new Map([[shard.shardId, { state: 'reading', from }]]);
  }
  return await startingPositions(source, { ...stream, shards }, startOf(type, input, nowMs));
}

function chosenShards(stream: StreamView, shardId: string | undefined): readonly ShardView[] {
  if (shardId === undefined) return stream.shards;
  const shard = stream.shards.find((one) => one.shardId === shardId);
  if (shard === undefined) throw shardUnknown(shardId);
  return [shard];
}

function startOf(
  type: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP',
  { StartingPositionTimestamp: timestamp }: RewindEventSourceMappingInput,
  nowMs: number,
): StartingPosition {
  if (type !== 'AT_TIMESTAMP') return { type };
  if (timestamp === undefined) throw timestampMissing();
  const timestampMs = timestamp.getTime();
  if (timestampMs < 0) throw timestampInvalid();
  if (timestampMs > nowMs) throw timestampInFuture();
  return { type, timestampMs };
}

async function positionAt(
  source: StreamSource,
  stream: StreamView,
  shardId: string,
  sequenceNumber: string | undefined,
): Promise<StartingPosition> {
  if (sequenceNumber === undefined) throw sequenceNumberMissing();
  const position = { type: 'AT_SEQUENCE_NUMBER', sequenceNumber } as const;
  try {
    await source.open(stream, shardId, position);
  } catch (error) {
    if (error instanceof UnknownShardError) throw shardUnknown(shardId);
    throw sequenceNumberUnknown(sequenceNumber);
  }
  return position;
}

/** Where a mapping is in each shard, how far behind, and what keeps it there. */
export async function progressOf(
  source: StreamSource,
  stream: StreamView,
  positions: CatalogCheckpoints,
  { blockages, nowMs }: { readonly blockages: readonly BlockageInfo[]; readonly nowMs: number },
): Promise<EventSourceMappingProgress> {
  const shards: ShardProgressDescription[] = [];
  for (const { shardId } of stream.shards) {
    const position = positions.load(stream, shardId);
    const behindMs =
      position?.state === 'reading'
        ? await ageOfNext(source, stream, { shardId, from: position.from, nowMs })
        : 0;
    shards.push({
      ShardId: shardId,
      Position: textOf(position),
      ...(behindMs === undefined ? {} : { MillisBehindLatest: behindMs }),
      Blockages: blockages.filter((blockage) => blockage.shardId === shardId).map(describeBlockage),
    });
  }
  return { Shards: shards };
}

export function describeBlockage(info: BlockageInfo) {
  return {
    ShardId: info.shardId,
    Failures: info.failures,
    Reason: info.reason,
    Records: info.records,
    ...(info.from === undefined ? {} : { FromSequenceNumber: info.from }),
    ...(info.to === undefined ? {} : { ToSequenceNumber: info.to }),
    ...(info.window === undefined ? {} : { WindowStart: info.window }),
  };
}

/** The age of the oldest record that is not handled; undefined when the shard is gone. */
async function ageOfNext(
  source: StreamSource,
  stream: StreamView,
  at: { readonly shardId: string; readonly from: StartingPosition; readonly nowMs: number },
): Promise<number | undefined> {
  try {
    const reader = await source.open(stream, at.shardId, at.from);
    const [next] = (await reader.read({ maxRecords: 1, maxBytes: 1 })).records;
    return next === undefined ? 0 : Math.max(0, at.nowMs - next.arrivalMs);
  } catch (error) {
    if (error instanceof UnknownShardError) return undefined;
    throw error;
  }
}

function textOf(position: ShardCheckpoint | undefined): string {
  if (position === undefined) return 'NOT_STARTED';
  if (position.state === 'finished') return 'FINISHED';
  const { from } = position;
  if ('sequenceNumber' in from) return `${from.type} ${from.sequenceNumber}`;
  return from.type === 'AT_TIMESTAMP'
    ? `${from.type} ${new Date(from.timestampMs).toISOString()}`
    : from.type;
}
