import type { Shard } from '@aws-sdk/client-kinesis';
import { isOpen } from './kinesis.ts';

/**
 * The lineage of shards, as `tree` shows folders. A shard that was merged is below its first parent, with the name of
 * the other one.
 */
export function treeText(shards: readonly Shard[]): string {
  const ids = new Set(shards.map(({ ShardId }) => ShardId));
  const children = Map.groupBy(shards, ({ ParentShardId: parent, AdjacentParentShardId: other }) =>
    [parent, other].find((id) => id !== undefined && ids.has(id)),
  );
  const lines: string[] = [];
  // Shards may be split a thousand times over: a stack of our own does not overflow.
  const stack = [...(children.get(undefined) ?? [])]
    .toReversed()
    .map((shard) => ({ shard, indent: '', branch: '' }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { shard, indent, branch } = next;
    const other =
      shard.AdjacentParentShardId === undefined ? '' : `, merged with ${shard.AdjacentParentShardId}`;
    lines.push(`${indent}${branch}${shard.ShardId} (${isOpen(shard) ? 'open' : 'closed'}${other})`);
    const below = children.get(shard.ShardId) ?? [];
    const inner = branch === '' ? indent : indent + (branch === '└─ ' ? '   ' : '│  ');
    for (const [at, child] of [...below.entries()].toReversed()) {
      stack.push({ shard: child, indent: inner, branch: at === below.length - 1 ? '└─ ' : '├─ ' });
    }
  }
  return lines.join('\n');
}
