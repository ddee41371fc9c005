import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { explained } from '../explain.ts';
import { cliLimits } from '../limits.ts';
import { say, withJson, type OutputFlags } from '../output/output.ts';
import { Progress } from '../output/progress.ts';
import { columnsText } from '../output/table.ts';
import { numberText, parseWhole } from '../output/units.ts';
import { CommandError, type Terminal } from '../terminal.ts';
import { measureDisk, type DiskReport } from './disk.ts';
import { percentile, repeat, type Latencies, type RepeatOptions } from './latencies.ts';
import { startOwnServer, type OwnServer } from './own-server.ts';

type BenchFlags = OutputFlags & { readonly seconds: number; readonly folder?: string };

interface Measured extends Latencies {
  readonly Work: string;
  readonly BoundBy?: string;
}

type OnDone = RepeatOptions['onDone'];

const STREAM = 'bench';
const RECORD = Buffer.alloc(100, 'x').toString('base64');
const BATCH = 500;
const kinesis = (operation: string) => `Kinesis_20131202.${operation}`;

/** `nagare bench`: what this machine and its disk can do. */
export function benchCommand(terminal: Terminal): Command {
  const command = new Command('bench')
    .description(
      'measure put, get, push and list log on this machine, with a server and an empty folder of its own',
    )
    .addOption(
      new Option('--seconds <number>', 'how long each is measured').argParser(parseWhole(1)).default(3),
    )
    .option('--folder <path>', 'folder on the disk to measure (default: the working folder)');
  return withJson(command).action(async (flags: BenchFlags) => {
    const parent = resolve(terminal.workingFolder, flags.folder ?? '.');
    const folder = await mkdtemp(join(parent, 'nagare-bench-')).catch((error: unknown) => {
      throw explained(error, `cannot use the folder ${parent}`);
    });
    try {
      say(terminal, flags, `measuring the disk of ${parent} ...`);
      const disk = await measureDisk(folder, Math.min(1000, flags.seconds * 1000));
      const rows = await measureAll(folder, disk, flags, terminal);
      report(terminal, flags, disk, rows);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function measureAll(
  folder: string,
  disk: DiskReport,
  flags: BenchFlags,
  terminal: Terminal,
): Promise<Measured[]> {
  const server = await startOwnServer(folder);
  const forMs = flags.seconds * 1000;
  const rows: Measured[] = [];
  const measure = async (work: string, run: (onDone: OnDone) => Promise<Latencies>): Promise<void> => {
    say(terminal, flags, `${work} ...`);
    const progress = new Progress(terminal, 'done', { forMs, quiet: flags.quiet === true });
    const before = await server.processorSeconds();
    const beganMs = performance.now();
    const latencies = await run((count) => progress.add(count));
    progress.end();
    const used = (await server.processorSeconds()) ?? 0;
    const cores = before === undefined ? undefined : (used - before) / ((performance.now() - beganMs) / 1000);
    rows.push({ Work: work, ...latencies, BoundBy: boundBy(latencies, disk, cores) });
  };
  try {
    await server.call(kinesis('CreateStream'), { StreamName: STREAM, ShardCount: 1 });
    await measure('put, one after the other', (onDone) =>
      repeat({ lanes: 1, forMs, onDone }, () => put(server)),
    );
    await measure('put, 16 at a time', (onDone) => repeat({ lanes: 16, forMs, onDone }, () => put(server)));
    const Records = Array.from({ length: BATCH }, (_, at) => ({ Data: RECORD, PartitionKey: `k${at}` }));
    await measure('PutRecords of 500', (onDone) =>
      repeat({ lanes: 2, forMs, count: BATCH, onDone }, () =>
        server.call(kinesis('PutRecords'), { StreamName: STREAM, Records }),
      ),
    );
    await measure('get', (onDone) => read(server, forMs, onDone));
    await measure('push, put to SubscribeToShard', (onDone) => push(server, forMs, onDone));
    await measure('list log, put to the line in the object', (onDone) => listLog(server, forMs, onDone));
    return rows;
  } finally {
    await server.close();
  }
}

function put(server: OwnServer): Promise<string> {
  return server.call(kinesis('PutRecord'), { StreamName: STREAM, PartitionKey: 'k', Data: RECORD });
}

/** Reads from the oldest record on, again and again. */
async function read(server: OwnServer, forMs: number, onDone: OnDone): Promise<Latencies> {
  const start = { StreamName: STREAM, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  const first = async () =>
    iteratorIn(await server.call(kinesis('GetShardIterator'), start), 'ShardIterator');
  let iterator = await first();
  let records = 0;
  const latencies = await repeat({ lanes: 1, forMs, onDone }, async () => {
    const text = await server.call(kinesis('GetRecords'), { ShardIterator: iterator, Limit: 10_000 });
    records += text.split('"SequenceNumber"').length - 1;
    iterator = text.endsWith('"MillisBehindLatest":0}')
      ? await first()
      : iteratorIn(text, 'NextShardIterator');
  });
  return { ...latencies, PerSecond: (records * 1000) / forMs };
}

function iteratorIn(text: string, member: string): string {
  const found = new RegExp(`"${member}":"([^"]+)"`).exec(text.slice(-4000))?.[1];
  if (found === undefined) throw new CommandError('an answer has no iterator');
  return found;
}

/** One record after the other: from the put to its arrival at a subscriber. */
async function push(server: OwnServer, forMs: number, onDone: OnDone): Promise<Latencies> {
  const summary = await server.call(kinesis('DescribeStreamSummary'), { StreamName: STREAM });
  const StreamARN = /"StreamARN":"([^"]+)"/.exec(summary)?.[1];
  const consumer = await server.call(kinesis('RegisterStreamConsumer'), { StreamARN, ConsumerName: STREAM });
  const ConsumerARN = /"ConsumerARN":"([^"]+)"/.exec(consumer)?.[1];
  let arrived = Promise.withResolvers<undefined>();
  const input = { ConsumerARN, ShardId: 'shardId-000000000000', StartingPosition: { Type: 'LATEST' } };
  const subscription = server.subscribe(kinesis('SubscribeToShard'), input, (chunk) => {
    if (chunk.includes('"Records":[{')) arrived.resolve(undefined);
  });
  try {
    // The subscription begins with an empty event.
    await sleep(cliLimits.statePollMs);
    return await repeat({ lanes: 1, forMs, onDone }, async () => {
      arrived = Promise.withResolvers<undefined>();
      await Promise.all([arrived.promise, put(server)]);
    });
  } finally {
    subscription.stop();
  }
}

async function listLog(server: OwnServer, forMs: number, onDone: OnDone): Promise<Latencies> {
  await server.call(kinesis('CreateStream'), { StreamName: 'lines', ShardCount: 1 });
  const log = {
    ListLogName: 'bench',
    Stream: 'lines',
    Bucket: 'bench-lines',
    Key: 'log.txt',
    Format: '{message}',
  };
  await server.call('NagareListLog_20261101.CreateListLog', log, 'listlog');
  const tookMs: number[] = [];
  const endMs = performance.now() + forMs;
  const beganMs = performance.now();
  while (performance.now() < endMs) {
    const line = `line ${tookMs.length}`;
    const began = performance.now();
    const Data = Buffer.from(JSON.stringify({ message: line })).toString('base64');
    await server.call(kinesis('PutRecord'), { StreamName: 'lines', PartitionKey: 'k', Data });
    while ((await server.object('/bench-lines/log.txt'))?.endsWith(`${line}\n`) !== true) {
      if (performance.now() - began > cliLimits.benchLineMsMax)
        throw new CommandError('a line did not reach its object');
      await sleep(1);
    }
    tookMs.push(performance.now() - began);
    onDone(1);
  }
  return {
    PerSecond: (tookMs.length * 1000) / (performance.now() - beganMs),
    P50Milliseconds: percentile(tookMs, 0.5),
    P99Milliseconds: percentile(tookMs, 0.99),
  };
}

/** What to change for more. */
function boundBy({ P50Milliseconds }: Latencies, disk: DiskReport, cores: number | undefined): string {
  if (cores !== undefined && cores > 0.85)
    return `the processor: the server uses ${numberText(cores, 2)} cores`;
  if (disk.P50Milliseconds > P50Milliseconds / 2) return 'the disk: most of the time is its fdatasync';
  const [load = 0] = loadavg();
  if (load > availableParallelism()) return `the machine is busy with other work (load ${load.toFixed(1)})`;
  return cores === undefined
    ? 'unknown'
    : `waiting for each other: the server uses ${numberText(cores, 2)} cores`;
}

function report(terminal: Terminal, flags: BenchFlags, disk: DiskReport, rows: readonly Measured[]): void {
  if (flags.json === true) return terminal.print(JSON.stringify({ Disk: disk, Results: rows }, null, 2));
  const all: readonly Measured[] = [
    { Work: `fdatasync (${disk.FileSystem})`, PerSecond: 1000 / disk.P50Milliseconds, ...disk, BoundBy: '' },
    ...rows,
  ];
  const columns = [
    { title: 'work', of: (row: Measured) => row.Work },
    { title: 'per second', align: 'right' as const, of: (row: Measured) => numberText(row.PerSecond) },
    { title: 'p50', align: 'right' as const, of: (row: Measured) => msText(row.P50Milliseconds) },
    { title: 'p99', align: 'right' as const, of: (row: Measured) => msText(row.P99Milliseconds) },
    { title: 'bound by', of: (row: Measured) => row.BoundBy },
  ];
  terminal.print(columnsText(columns, all, terminal));
  say(terminal, flags, `is fdatasync honest? ${disk.Honest}: ${disk.Says}`);
}

function msText(value: number): string {
  return `${value.toFixed(2)} ms`;
}
