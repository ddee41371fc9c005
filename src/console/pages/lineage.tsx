import type { ShardLoad } from '../shards.ts';
import { dateTime } from './format.ts';
import { shardNumber } from './record-list.tsx';

const WIDTH = 116;
const HEIGHT = 30;
const GAP = 10;
const COLUMN = 168;

/** Shards from left to right as they were made of each other. */
export function Lineage({ shards }: { readonly shards: readonly ShardLoad[] }) {
  const places = placesOf(shards);
  const columns = Math.max(...[...places.values()].map(({ column }) => column)) + 1;
  const rows = Math.max(...[...places.values()].map(({ row }) => row)) + 1;
  const width = columns * COLUMN;
  const height = rows * (HEIGHT + GAP);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Lineage of the shards">
      <svg class="lineage" width={width} height={height} role="img" aria-label={textOf(shards)}>
        {shards.flatMap((shard) =>
          shard.parents.flatMap((parent) => {
            const [from, to] = [places.get(parent), places.get(shard.shardId)];
            if (from === undefined || to === undefined) return [];
            const [x1, y1, x2, y2] = [
              from.column * COLUMN + WIDTH,
              middle(from.row),
              to.column * COLUMN,
              middle(to.row),
            ];
            return [
              <path
                key={`${parent}${shard.shardId}`}
                d={`M${x1} ${y1}C${x1 + 26} ${y1} ${x2 - 26} ${y2} ${x2} ${y2}`}
              />,
            ];
          }),
        )}
        {shards.map((shard) => {
          const place = places.get(shard.shardId) ?? { column: 0, row: 0 };
          const isOpen = shard.closedMs === undefined;
          return (
            <g key={shard.shardId}>
              <title>{`${shard.shardId}, opened ${dateTime(shard.openedMs)}${isOpen ? '' : `, closed ${dateTime(shard.closedMs ?? 0)}`}`}</title>
              <rect
                class={`box ${isOpen ? 'is-open' : ''}`}
                x={place.column * COLUMN + 0.5}
                y={place.row * (HEIGHT + GAP) + 0.5}
                width={WIDTH - 1}
                height={HEIGHT - 1}
                rx="6"
              />
              <text x={place.column * COLUMN + 12} y={middle(place.row) + 4}>
                {`${shardNumber(shard.shardId)} ${isOpen ? 'open' : 'closed'}`}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function middle(row: number): number {
  return row * (HEIGHT + GAP) + HEIGHT / 2;
}

interface Place {
  readonly column: number;
  readonly row: number;
}

function placesOf(shards: readonly ShardLoad[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const rows: number[] = [];
  for (const shard of shards) {
    const parents = shard.parents.flatMap((parent) => places.get(parent) ?? []);
    const column = parents.length === 0 ? 0 : Math.max(...parents.map((place) => place.column)) + 1;
    const above = parents.length === 0 ? 0 : Math.min(...parents.map((place) => place.row));
    const row = Math.max(rows[column] ?? 0, above);
    rows[column] = row + 1;
    places.set(shard.shardId, { column, row });
  }
  return places;
}

function textOf(shards: readonly ShardLoad[]): string {
  return shards
    .map(
      ({ shardId, parents }) =>
        `${shardNumber(shardId)}${parents.length > 0 ? ` of ${parents.map(shardNumber).join(' and ')}` : ''}`,
    )
    .join('; ');
}
