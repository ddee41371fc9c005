import type { ShardCheckpoint } from '../consumers/checkpoints.ts';
import type { InspectedStream } from '../consumers/stream-inspector.ts';
import { consoleLimits } from './limits.ts';
import type { Views } from './views.ts';

/** How far a reader is in one shard. */
export interface ReaderShard {
  readonly shardId: string;
  /** The age of the oldest record that it has not read; 0 at the tail. */
  readonly ageMs: number;
  readonly behindRecords: number;
  /** Undefined for nagare's own readers. */
  readonly lastSeenMs?: number;
}

export interface ReaderView {
  readonly kind: 'polling' | 'registered' | 'mapping' | 'delivery' | 'list log';
  /** Who: an ARN or access key, a consumer, or the ID of a mapping. */
  readonly caller: string;
  readonly userAgent: string;
  /** The worst of its shards. */
  readonly ageMs: number;
  readonly behindRecords: number;
  readonly records?: number;
  readonly firstSeenMs?: number;
  readonly lastSeenMs?: number;
  readonly shards: readonly ReaderShard[];
}

interface Position {
  readonly kind: ReaderView['kind'];
  readonly caller: string;
  readonly userAgent: string;
  readonly shardId: string;
  readonly nextIndex: number;
  readonly lastSeenMs?: number;
  readonly firstSeenMs?: number;
  readonly records?: number;
}

/** What readers are found with. */
export type ReaderViews = Pick<Views, 'inspector' | 'catalog' | 'clock'>;

/** All readers of a stream, the slowest first. */
export async function readersOf(
  views: ReaderViews,
  stream: InspectedStream,
  checkpoints = checkpointsByStream(views),
): Promise<ReaderView[]> {
  const positions: Position[] = [
    ...views.inspector.readers(stream.name),
    ...(await ownReaders(views, stream, checkpoints.get(stream.incarnation) ?? [])),
  ];
  if (positions.length === 0) return [];
  const shards = new Map(stream.shards.map((shard) => [shard.shardId, shard]));
  const grouped = new Map<string, { readonly first: Position; readonly shards: ReaderShard[] }>();
  let lookups = 0;
  for (const position of positions) {
    const shard = shards.get(position.shardId);
    if (shard === undefined) continue;
    const behindRecords = Math.max(0, shard.nextIndex - position.nextIndex);
    const isLookedUp = behindRecords > 0 && lookups++ < consoleLimits.readerLookupsMax;
    const arrivedMs = isLookedUp
      ? await views.inspector.arrivalOf(stream.name, shard.shardId, position.nextIndex)
      : undefined;
    const ageMs = arrivedMs === undefined ? 0 : Math.max(0, views.clock.now() - arrivedMs);
    const key = `${position.kind}\n${position.caller}\n${position.userAgent}`;
    const group = grouped.get(key) ?? { first: position, shards: [] };
    grouped.set(key, group);
    const { lastSeenMs } = position;
    group.shards.push({
      shardId: shard.shardId,
      ageMs,
      behindRecords,
      ...(lastSeenMs !== undefined && { lastSeenMs }),
    });
  }
  const readers = [...grouped.values()].map(({ first, shards }) => together(first, shards, positions));
  return readers.toSorted(
    (left, right) => right.ageMs - left.ageMs || left.caller.localeCompare(right.caller),
  );
}

function together(first: Position, shards: readonly ReaderShard[], all: readonly Position[]): ReaderView {
  const { kind, caller, userAgent, firstSeenMs } = first;
  const own = all.filter((one) => one.kind === kind && one.caller === caller && one.userAgent === userAgent);
  const seen = own.flatMap(({ lastSeenMs }) => lastSeenMs ?? []);
  return {
    kind,
    caller,
    userAgent,
    ageMs: Math.max(...shards.map(({ ageMs }) => ageMs)),
    behindRecords: shards.reduce((sum, { behindRecords }) => sum + behindRecords, 0),
    shards: shards.toSorted((left, right) => right.ageMs - left.ageMs),
    ...(seen.length > 0 && {
      lastSeenMs: Math.max(...seen),
      records: own.reduce((sum, { records }) => sum + (records ?? 0), 0),
    }),
    ...(firstSeenMs !== undefined && { firstSeenMs }),
  };
}

const KINDS: Readonly<Record<string, ReaderView['kind']>> = {
  lambda: 'mapping',
  delivery: 'delivery',
  listlog: 'list log',
};

/** How far a mapping, a delivery or a list log is in one shard. */
interface Checkpoint {
  readonly kind: ReaderView['kind'];
  readonly caller: string;
  readonly shardId: string;
  readonly position: Extract<ShardCheckpoint, { readonly state: 'reading' }>;
}

/** The checkpoints of nagare's own readers, `lambda/<UUID>/<incarnation>/<shard>`, by the stream's incarnation. */
export function checkpointsByStream({ catalog }: Pick<Views, 'catalog'>): Map<string, Checkpoint[]> {
  const table = catalog.table<{ readonly position: ShardCheckpoint }>('consumers.positions');
  const found = new Map<string, Checkpoint[]>();
  for (const [key, { position }] of table.entries()) {
    const parts = key.split('/');
    const shardId = parts.pop() ?? '';
    const incarnation = parts.pop() ?? '';
    const kind = KINDS[parts.shift() ?? ''];
    if (kind === undefined || position.state === 'finished') continue;
    const ofStream = found.get(incarnation) ?? [];
    ofStream.push({ kind, caller: parts.join('/'), shardId, position });
    found.set(incarnation, ofStream);
  }
  return found;
}

async function ownReaders(
  { inspector }: Pick<Views, 'inspector'>,
  stream: InspectedStream,
  checkpoints: readonly Checkpoint[],
): Promise<Position[]> {
  const found: Position[] = [];
  for (const { kind, caller, shardId, position } of checkpoints) {
    const nextIndex = await indexOf(inspector, stream, shardId, position);
    found.push({ kind, caller, userAgent: '', shardId, nextIndex });
  }
  return found;
}

async function indexOf(
  inspector: Views['inspector'],
  stream: InspectedStream,
  shardId: string,
  { from }: Extract<ShardCheckpoint, { readonly state: 'reading' }>,
): Promise<number> {
  switch (from.type) {
    case 'AT_SEQUENCE_NUMBER':
      return inspector.indexOf(stream.name, shardId, from.sequenceNumber) ?? 0;
    case 'AFTER_SEQUENCE_NUMBER':
      return (inspector.indexOf(stream.name, shardId, from.sequenceNumber) ?? -1) + 1;
    case 'LATEST':
      return inspector.nextIndex(stream.name, shardId) ?? 0;
    case 'TRIM_HORIZON':
    case 'AT_TIMESTAMP':
      return (await inspector.oldestIndex(stream.name, shardId)) ?? 0;
  }
}
