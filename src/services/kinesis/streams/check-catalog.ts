import type { Engine, LogId } from '../../../engine/engine.ts';
import type { Log } from '../../../support/log.ts';
import { FIRST_HASH_KEY, LAST_HASH_KEY, stepHashKey } from '../shards/hash-key.ts';
import type { ShardRow, StreamRow, Tables } from './rows.ts';
import { shardIdOf } from '../shards/shard.ts';
import { UserError } from '../../../errors.ts';

/** The catalog of streams contradicts itself: the server refuses to start. */
export class StreamsDamagedError extends UserError {
  override readonly name = 'StreamsDamagedError';

  constructor(contradictions: readonly string[]) {
    super(
      `the catalog of streams contradicts itself: ${contradictions.join('; ')}. ` +
        'Restore a backup, or ask for help and keep the data folder unchanged',
    );
  }
}

/**
 * Checked at every start: the open shards of each stream cover every hash key exactly once, parents are older than
 * their children, and no two shards share a log. Throws StreamsDamagedError. A closed shard whose record count
 * differs from its log is only logged: a repair leaves such shards, and the rest can be read.
 */
export function checkCatalog(engine: Engine, tables: Tables, log: Log): void {
  const contradictions: string[] = [];
  const owners = new Map<LogId, string>();
  const ids = new Set<string>();
  for (const [, stream] of tables.streams.entries()) {
    ids.add(`${stream.id}/`);
    const rows = Array.from(tables.shards.entries(`${stream.id}/`), ([, row]) => row);
    const found = [...checkHashKeys(rows), ...checkLineage(stream, rows), ...checkLogs(stream, rows, owners)];
    contradictions.push(...found.map((what) => `stream ${stream.name}: ${what}`));
    for (const row of rows) tellOtherCount(engine, stream, row, log);
  }
  for (const [key] of tables.shards.entries()) {
    if (!ids.has(key.slice(0, key.indexOf('/') + 1)))
      contradictions.push(`shard ${key} belongs to no stream`);
  }
  if (contradictions.length > 0) throw new StreamsDamagedError(contradictions);
}

function* checkHashKeys(rows: readonly ShardRow[]): IterableIterator<string> {
  const open = rows
    .filter(({ closed }) => closed === undefined)
    .toSorted((a, b) => (a.startHash < b.startHash ? -1 : 1));
  if (open[0]?.startHash !== FIRST_HASH_KEY) yield 'no open shard has the first hash keys';
  if (open.at(-1)?.endHash !== LAST_HASH_KEY) yield 'no open shard has the last hash keys';
  for (const [place, row] of open.entries()) {
    const next = open[place + 1];
    if (row.endHash < row.startHash) yield `${shardIdOf(row.index)} ends before it starts`;
    else if (next !== undefined && stepHashKey(row.endHash, 1n) !== next.startHash) {
      yield `the hash keys of ${shardIdOf(row.index)} and ${shardIdOf(next.index)} overlap or leave a gap`;
    }
  }
}

/** Expired parents no longer exist. */
function* checkLineage(stream: StreamRow, rows: readonly ShardRow[]): IterableIterator<string> {
  const byIndex = new Map(rows.map((row) => [row.index, row]));
  for (const { index, parents, createdSeconds } of rows) {
    const id = shardIdOf(index);
    if (index >= stream.nextShardIndex) yield `${id} is newer than the newest shard`;
    for (const parentIndex of parents) {
      const parent = byIndex.get(parentIndex);
      if (parentIndex >= index) yield `${id} has a parent that is not older`;
      if (parent === undefined) continue;
      if (parent.closed === undefined) yield `${id} has a parent that is open`;
      if (parent.createdSeconds >= createdSeconds)
        yield `${id} has sequence numbers below those of its parent`;
    }
  }
}

function* checkLogs(
  stream: StreamRow,
  rows: readonly ShardRow[],
  owners: Map<LogId, string>,
): IterableIterator<string> {
  for (const { index, log } of rows) {
    const owner = owners.get(log);
    const id = shardIdOf(index);
    if (owner !== undefined) yield `${id} has the same log as ${owner}`;
    owners.set(log, `${id} of ${stream.name}`);
  }
}

function tellOtherCount(
  engine: Engine,
  stream: StreamRow,
  { index, log: id, closed }: ShardRow,
  log: Log,
): void {
  const { nextIndex } = engine.bounds(id);
  if (closed === undefined || closed.recordCount === nextIndex) return;
  log.warn(
    { stream: stream.name, shard: shardIdOf(index), recordCount: closed.recordCount, stored: nextIndex },
    'the number of records in a closed shard differs from the catalog',
  );
}
