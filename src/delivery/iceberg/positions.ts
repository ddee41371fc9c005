import { compareSequenceNumbers } from '../../consumers/checkpoints.ts';
import { icebergLimits } from './limits.ts';
import type { TableMetadata } from './table-metadata.ts';

/**
 * The source of a batch's records. Every snapshot's summary names the range that it added. The same commit stores the
 * newest position of the shard in the table's properties, which remain when snapshots expire.
 */
export interface SourceRange {
  /** Never reused. */
  readonly deliveryId: string;
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
}

const SUMMARY = {
  deliveryId: 'nagare.delivery-id',
  shardId: 'nagare.shard-id',
  firstSequenceNumber: 'nagare.first-sequence-number',
  lastSequenceNumber: 'nagare.last-sequence-number',
} as const;

export function rangeSummary(range: SourceRange): Record<string, string> {
  return {
    [SUMMARY.deliveryId]: range.deliveryId,
    [SUMMARY.shardId]: range.shardId,
    [SUMMARY.firstSequenceNumber]: range.firstSequenceNumber,
    [SUMMARY.lastSequenceNumber]: range.lastSequenceNumber,
  };
}

function prefixOf({ deliveryId }: Pick<SourceRange, 'deliveryId'>): string {
  return `nagare.position.${deliveryId}/`;
}

export function positionProperty(range: SourceRange): string {
  return `${prefixOf(range)}${range.shardId}`;
}

/** The last sequence number of the shard in the table, from the properties and the loaded snapshots. */
export function positionIn(
  { properties, snapshots }: Pick<TableMetadata, 'properties' | 'snapshots'>,
  range: Pick<SourceRange, 'deliveryId' | 'shardId'>,
): string | undefined {
  const written = snapshots
    .filter(
      ({ summary }) =>
        summary[SUMMARY.deliveryId] === range.deliveryId && summary[SUMMARY.shardId] === range.shardId,
    )
    .map(({ summary }) => summary[SUMMARY.lastSequenceNumber]);
  return [properties[`${prefixOf(range)}${range.shardId}`], ...written]
    .filter((position) => position !== undefined)
    .toSorted(compareSequenceNumbers)
    .at(-1);
}

/** Whether the table's properties have the position. If not, the summaries of all snapshots must be read. */
export function hasPosition(
  { properties }: Pick<TableMetadata, 'properties'>,
  range: Pick<SourceRange, 'deliveryId' | 'shardId'>,
): boolean {
  return properties[`${prefixOf(range)}${range.shardId}`] !== undefined;
}

/** The oldest positions of a delivery with too many shards, to be removed: those shards have long been closed. */
export function outdatedPositions(
  { properties }: Pick<TableMetadata, 'properties'>,
  range: SourceRange,
): string[] {
  const own = positionProperty(range);
  const others = Object.entries(properties).filter(
    ([name]) => name.startsWith(prefixOf(range)) && name !== own,
  );
  const excess = others.length + 1 - icebergLimits.positionsMax;
  if (excess <= 0) return [];
  return others
    .toSorted(([, left], [, right]) => compareSequenceNumbers(left, right))
    .slice(0, excess)
    .map(([name]) => name);
}
