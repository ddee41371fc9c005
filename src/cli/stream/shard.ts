import { Command } from 'commander';
import type { Shard } from '@aws-sdk/client-kinesis';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { maximumOf, metricData, sumOf } from '../metrics/metric-data.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { numberText, bytesText, parseDurationMs } from '../output/units.ts';
import { CommandError, exitCodes, type Terminal, usageError } from '../terminal.ts';
import { isOpen, kinesis, shardsOf, streamOf, summaryOf, untilActive } from './kinesis.ts';
import { treeText } from './shard-tree.ts';

type Flags = ServerFlags & OutputFlags;
type ListFlags = Flags & { readonly tree?: true; readonly open?: true };
type SplitFlags = Flags & { readonly shardId: string; readonly at?: string };
type MergeFlags = Flags & { readonly shardId: string; readonly with?: string };
type HotFlags = Flags & { readonly since?: number };

const RING = 2n ** 128n;

/** `nagare shard`: the shards of a stream. */
export function shardCommand(terminal: Terminal): Command {
  return new Command('shard')
    .description('list, split and merge the shards of a stream, and find the busy ones')
    .addCommand(listCommand(terminal))
    .addCommand(splitCommand(terminal))
    .addCommand(mergeCommand(terminal))
    .addCommand(hotCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list the shards of a stream, closed ones with records included')
    .argument('<stream>', 'stream name or ARN')
    .option('--tree', 'show which shards came from which')
    .option('--open', 'only shards that take records');
  return withServer(withRows(command)).action(async (name: string, flags: ListFlags) => {
    const all = await shardsOf(await serverOf(flags, terminal), name);
    const shards = flags.open === true ? all.filter(isOpen) : all;
    if (flags.tree === true && flags.json !== true && flags.ndjson !== true)
      return terminal.print(treeText(shards));
    const columns = [
      { title: 'shard', of: (shard: Shard) => shard.ShardId },
      { title: 'state', of: (shard: Shard) => (isOpen(shard) ? 'open' : 'closed') },
      { title: 'share', align: 'right' as const, of: (shard: Shard) => `${shareOf(shard).toFixed(2)} %` },
      { title: 'parents', of: (shard: Shard) => parentsOf(shard).join(' ') || undefined },
      { title: 'from hash key', of: (shard: Shard) => shard.HashKeyRange?.StartingHashKey },
      { title: 'to hash key', of: (shard: Shard) => shard.HashKeyRange?.EndingHashKey },
    ];
    printRows(terminal, flags, columns, shards);
  });
}

function splitCommand(terminal: Terminal): Command {
  const command = new Command('split')
    .description('split a shard in two, in the middle of its hash keys unless given')
    .argument('<stream>', 'stream name or ARN')
    .requiredOption('--shard-id <id>', 'the shard; its end is enough: 0 for shardId-000000000000')
    .option('--at <hash-key>', 'the first hash key of the second shard');
  return withServer(withJson(command)).action(async (name: string, flags: SplitFlags) => {
    const server = await serverOf(flags, terminal);
    const shard = await findShard(server, name, flags.shardId);
    const { from, to } = rangeOf(shard);
    if (flags.at !== undefined && !/^\d{1,39}$/.test(flags.at))
      throw usageError('--at must be a hash key: a whole number below 2^128');
    const NewStartingHashKey = flags.at ?? String(from + (to - from + 1n) / 2n);
    await kinesis(server, 'SplitShard', {
      ...streamOf(name),
      ShardToSplit: shard.ShardId,
      NewStartingHashKey,
    });
    await printChildren(server, { name, parent: shard.ShardId ?? '', flags, terminal });
  });
}

function mergeCommand(terminal: Terminal): Command {
  const command = new Command('merge')
    .description('merge a shard with the next one on the ring of hash keys')
    .argument('<stream>', 'stream name or ARN')
    .requiredOption('--shard-id <id>', 'the shard; its end is enough: 0 for shardId-000000000000')
    .option('--with <id>', 'the adjacent shard (default: the one that follows)');
  return withServer(withJson(command)).action(async (name: string, flags: MergeFlags) => {
    const server = await serverOf(flags, terminal);
    const shard = await findShard(server, name, flags.shardId);
    const other =
      flags.with === undefined
        ? await nextOf(server, name, shard)
        : await findShard(server, name, flags.with);
    const input = { ShardToMerge: shard.ShardId, AdjacentShardToMerge: other.ShardId };
    await kinesis(server, 'MergeShards', { ...streamOf(name), ...input });
    await printChildren(server, { name, parent: shard.ShardId ?? '', flags, terminal });
  });
}

interface Change {
  readonly name: string;
  readonly parent: string;
  readonly flags: Flags;
  readonly terminal: Terminal;
}

async function printChildren(
  server: RunningServer,
  { name, parent, flags, terminal }: Change,
): Promise<void> {
  await untilActive(server, name);
  const children = (await shardsOf(server, name)).filter((shard) => parentsOf(shard).includes(parent));
  const text = `${parent} is closed; its records are followed by those of ${children.map(({ ShardId }) => ShardId).join(' and ')}`;
  printResult(terminal, flags, text, children);
}

function hotCommand(terminal: Terminal): Command {
  const command = new Command('hot')
    .description('show how busy each open shard is; needs enhanced monitoring of the stream')
    .argument('<stream>', 'stream name')
    .option('--since <duration>', 'what to look at (default: 5m)', parseDurationMs);
  return withServer(withRows(command)).action(async (name: string, flags: HotFlags) => {
    const server = await serverOf(flags, terminal);
    const { EnhancedMonitoring = [] } = await summaryOf(server, name);
    const measured = EnhancedMonitoring.flatMap(({ ShardLevelMetrics = [] }) => ShardLevelMetrics);
    if (!measured.includes('IncomingBytes') || !measured.includes('IncomingRecords')) {
      throw new CommandError(`the shards of ${name} are not measured`, {
        why: 'its enhanced monitoring lacks IncomingBytes or IncomingRecords',
        remedy: `nagare stream update ${name} --shard-metrics on`,
      });
    }
    const loads = await loadsOf(server, name, flags.since ?? 5 * 60_000);
    const columns = [
      { title: 'shard', of: (load: Load) => load.ShardId },
      {
        title: 'records/s',
        align: 'right' as const,
        of: (load: Load) => numberText(load.RecordsPerSecond, 1),
      },
      {
        title: 'bytes/s',
        align: 'right' as const,
        of: (load: Load) => bytesText(Math.round(load.BytesPerSecond)),
      },
      {
        title: 'busiest minute',
        align: 'right' as const,
        of: (load: Load) => `${numberText(load.PeakRecordsPerSecond, 1)}/s`,
      },
      {
        title: 'of the limit',
        align: 'right' as const,
        of: (load: Load) => `${numberText(load.ShareOfLimit * 100, 1)} %`,
      },
    ];
    printRows(terminal, flags, columns, loads);
  });
}

interface Load {
  readonly ShardId: string;
  readonly RecordsPerSecond: number;
  readonly BytesPerSecond: number;
  readonly PeakRecordsPerSecond: number;
  /** Of AWS's limits of a shard, in the busiest minute: 1,000 records and 1 MiB per second. */
  readonly ShareOfLimit: number;
}

const RECORDS_LIMIT = 1000;
const BYTES_LIMIT = 1024 * 1024;

/** The busiest first. */
async function loadsOf(server: RunningServer, name: string, sinceMs: number): Promise<Load[]> {
  const shards = (await shardsOf(server, name)).filter(isOpen).map(({ ShardId = '' }) => ShardId);
  const endMs = Date.now();
  const range = { startMs: endMs - sinceMs, endMs, periodSeconds: 60 };
  const loads: Load[] = [];
  // GetMetricData takes 500 metrics at a time.
  for (let at = 0; at < shards.length; at += 250) {
    const some = shards.slice(at, at + 250);
    const requests = some.flatMap((ShardId) =>
      ['IncomingRecords', 'IncomingBytes'].map((metric) => ({
        namespace: 'AWS/Kinesis',
        name: metric,
        dimensions: { StreamName: name, ShardId },
        statistic: 'Sum',
      })),
    );
    const series = await metricData(server, requests, range);
    for (const [number, ShardId] of some.entries()) {
      const [records, bytes] = [series[number * 2], series[number * 2 + 1]];
      const peak = (maximumOf(records) ?? 0) / 60;
      loads.push({
        ShardId,
        RecordsPerSecond: (sumOf(records) / sinceMs) * 1000,
        BytesPerSecond: (sumOf(bytes) / sinceMs) * 1000,
        PeakRecordsPerSecond: peak,
        ShareOfLimit: Math.max(peak / RECORDS_LIMIT, (maximumOf(bytes) ?? 0) / 60 / BYTES_LIMIT),
      });
    }
  }
  return loads.toSorted((a, b) => b.ShareOfLimit - a.ShareOfLimit);
}

/** By its id, or the end of it. */
async function findShard(server: RunningServer, name: string, id: string): Promise<Shard> {
  const shards = await shardsOf(server, name);
  const whole = /^\d{1,12}$/.test(id) ? `shardId-${id.padStart(12, '0')}` : id;
  const found = shards.find(({ ShardId }) => ShardId === whole);
  if (found !== undefined) return found;
  throw new CommandError(`${name} has no shard ${whole}`, {
    exitCode: exitCodes.notFound,
    remedy: `nagare shard ls ${name}`,
  });
}

async function nextOf(server: RunningServer, name: string, shard: Shard): Promise<Shard> {
  const { to } = rangeOf(shard);
  const next = (await shardsOf(server, name)).filter(isOpen).find((other) => rangeOf(other).from === to + 1n);
  if (next !== undefined) return next;
  throw new CommandError(`no open shard follows ${shard.ShardId}`, {
    remedy: `nagare shard ls ${name} --open`,
  });
}

function rangeOf({ HashKeyRange }: Shard): { readonly from: bigint; readonly to: bigint } {
  return { from: BigInt(HashKeyRange?.StartingHashKey ?? 0), to: BigInt(HashKeyRange?.EndingHashKey ?? 0) };
}

/** In percent of the ring. */
function shareOf(shard: Shard): number {
  const { from, to } = rangeOf(shard);
  return Number(((to - from + 1n) * 10_000n) / RING) / 100;
}

function parentsOf({ ParentShardId, AdjacentParentShardId }: Shard): string[] {
  return [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);
}
