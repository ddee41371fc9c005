import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { READERS_PATH, type ReadersAnswer } from '../../server/readers.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { jsonOf } from '../connect/send.ts';
import { printRows, withRows, type OutputFlags } from '../output/output.ts';
import { durationText, numberText, parseDurationMs } from '../output/units.ts';
import { CommandError, exitCodes, type Terminal } from '../terminal.ts';
import { readerAges } from '../watch/reader-ages.ts';
import { summaryOf } from './kinesis.ts';
import { ownRoute, refusal } from '../own-routes.ts';

type ReportFlags = ServerFlags & OutputFlags & { readonly over: number; readonly shards?: true };

type Trend = 'catching up' | 'steady' | 'falling behind';

interface Row {
  readonly Kind: string;
  readonly Reader: string;
  /** With `--shards`. */
  readonly ShardId?: string;
  readonly MillisBehindLatest: number;
  readonly RetentionShare: number;
  readonly Trend?: Trend;
  readonly RecordsBehind?: number;
  readonly RecordsPerSecond?: number;
  readonly LastSeen?: string;
}

const DEFAULT_OVER_MS = 2000;

/** `nagare consumer report`: who reads a stream, and how far behind. */
export function readersCommand(terminal: Terminal): Command {
  const command = new Command('report')
    .description('show who reads a stream, registered or not, and how far behind, the slowest first')
    .argument('<stream>', 'stream name')
    .option(
      '--over <duration>',
      'time between two looks, for rates and trends',
      parseDurationMs,
      DEFAULT_OVER_MS,
    )
    .option('--shards', 'a line for each shard of a reader');
  return withServer(withRows(command)).action(async (stream: string, flags: ReportFlags) => {
    const server = await serverOf(flags, terminal);
    const rows =
      server.endpoint === undefined
        ? await metricRows(server, stream)
        : await seenRows(server, stream, { overMs: flags.over, byShard: flags.shards === true });
    const columns = [
      { title: 'kind', of: (row: Row) => row.Kind },
      { title: 'reader', of: (row: Row) => row.Reader },
      ...(flags.shards === true ? [{ title: 'shard', of: (row: Row) => row.ShardId }] : []),
      { title: 'behind', align: 'right' as const, of: (row: Row) => durationText(row.MillisBehindLatest) },
      { title: 'of retention', align: 'right' as const, of: shareText },
      { title: 'records behind', align: 'right' as const, of: (row: Row) => row.RecordsBehind },
      { title: 'trend', of: (row: Row) => row.Trend },
      { title: 'records/s', align: 'right' as const, of: rateText },
      { title: 'last seen', of: (row: Row) => row.LastSeen },
    ];
    printRows(terminal, flags, columns, rows);
  });
}

function shareText({ RetentionShare }: Row): string {
  return `${numberText(RetentionShare * 100, 1)} %`;
}

function rateText({ RecordsPerSecond }: Row): string | undefined {
  return RecordsPerSecond === undefined ? undefined : numberText(RecordsPerSecond, 1);
}

/** On AWS, which tells no more than the ages. */
async function metricRows(server: RunningServer, stream: string): Promise<Row[]> {
  const { StreamARN = '', RetentionPeriodHours = 24 } = await summaryOf(server, stream);
  const ages = await readerAges(server, stream, StreamARN);
  return ages.map(({ reader, ageMs }) => ({
    Kind: reader === 'GetRecords' ? 'polling' : 'registered',
    Reader: reader,
    MillisBehindLatest: ageMs,
    RetentionShare: ageMs / (RetentionPeriodHours * 3_600_000),
  }));
}

type Reader = ReadersAnswer['readers'][number];

async function seenRows(
  server: RunningServer,
  stream: string,
  { overMs, byShard }: { readonly overMs: number; readonly byShard: boolean },
): Promise<Row[]> {
  const before = await readersAt(server, stream);
  if (before.readers.length === 0) return [];
  await sleep(overMs);
  const after = await readersAt(server, stream);
  return after.readers.flatMap((reader) => {
    const earlier = before.readers.find((one) => keyOf(one) === keyOf(reader));
    const seconds = (after.nowMs - before.nowMs) / 1000;
    const row = rowOf(reader, earlier, { seconds, retentionMs: after.retentionMs });
    if (!byShard) return [row];
    return reader.shards.map(({ shardId, ageMs, behindRecords, lastSeenMs }) => ({
      Kind: row.Kind,
      Reader: row.Reader,
      ShardId: shardId,
      MillisBehindLatest: ageMs,
      RetentionShare: ageMs / after.retentionMs,
      Trend: trendOf(ageMs, earlier?.shards.find((one) => one.shardId === shardId)?.ageMs, seconds),
      RecordsBehind: behindRecords,
      ...(lastSeenMs !== undefined && { LastSeen: new Date(lastSeenMs).toISOString() }),
    }));
  });
}

function rowOf(
  reader: Reader,
  earlier: Reader | undefined,
  { seconds, retentionMs }: { readonly seconds: number; readonly retentionMs: number },
): Row {
  const { kind, caller, userAgent, ageMs, behindRecords, records, lastSeenMs } = reader;
  const rate = records === undefined ? undefined : (records - (earlier?.records ?? 0)) / seconds;
  return {
    Kind: kind,
    Reader: userAgent === '' ? caller : `${caller} (${userAgent})`,
    MillisBehindLatest: ageMs,
    RetentionShare: ageMs / retentionMs,
    Trend: trendOf(ageMs, earlier?.ageMs, seconds),
    RecordsBehind: behindRecords,
    ...(rate !== undefined && { RecordsPerSecond: rate }),
    ...(lastSeenMs !== undefined && { LastSeen: new Date(lastSeenMs).toISOString() }),
  };
}

/** An age that grows as fast as time is of a reader that stands still. */
function trendOf(ageMs: number, beforeMs: number | undefined, seconds: number): Trend {
  const grownMs = ageMs - (beforeMs ?? ageMs);
  const noticedMs = seconds * 100;
  if (grownMs > noticedMs) return 'falling behind';
  return grownMs < -noticedMs ? 'catching up' : 'steady';
}

function keyOf({ kind, caller, userAgent }: Reader): string {
  return `${kind}\n${caller}\n${userAgent}`;
}

async function readersAt(server: RunningServer, stream: string): Promise<ReadersAnswer> {
  const path = `${READERS_PATH}?stream=${encodeURIComponent(stream)}`;
  const answer = await ownRoute(server, path);
  const output = jsonOf(answer);
  // The server has the same version.
  if (answer.ok && typeof output === 'object') return output as ReadersAnswer;
  if (answer.status === 404) {
    throw new CommandError(`there is no stream ${stream}`, {
      exitCode: exitCodes.notFound,
      remedy: 'nagare stream ls',
    });
  }
  throw refusal(server, answer);
}
