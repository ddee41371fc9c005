import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { nameOf } from '../connect/send.ts';
import { columnsText } from '../output/table.ts';
import { bytesText, durationText, numberText, parseDurationMs, parseWhole } from '../output/units.ts';
import { InterruptedError, type Terminal } from '../terminal.ts';
import { scrape, type Scrape } from './scrape.ts';

type TopFlags = ServerFlags & {
  readonly once?: true;
  readonly json?: true;
  readonly interval: number;
  readonly limit: number;
};

interface Row {
  readonly StreamName: string;
  readonly RecordsPerSecond: number;
  readonly BytesPerSecond: number;
  readonly ReadRecordsPerSecond: number;
  readonly RefusedPerSecond: number;
  /** Of the oldest record that was read in the last second with reads. */
  readonly ReadAgeMilliseconds: number;
}

interface Totals {
  readonly RecordsPerSecond: number;
  readonly BytesPerSecond: number;
  /** Of one core. */
  readonly Processor: number;
  readonly MemoryBytes: number;
}

const CLEAR = '\u001B[H\u001B[J';

/** `nagare top`: the busiest streams, live. */
export function topCommand(terminal: Terminal): Command {
  const command = new Command('top')
    .description('show the busiest streams of a server, live')
    .option('--once', 'print one measurement and end')
    .addOption(new Option('--json', 'print one measurement as JSON and end').implies({ once: true }))
    .addOption(
      new Option('--interval <duration>', 'how long is measured')
        .argParser(parseDurationMs)
        .default(1000, '1s'),
    )
    .addOption(
      new Option('--limit <number>', 'how many streams are shown').argParser(parseWhole(1)).default(20),
    );
  return withServer(command).action(async (flags: TopFlags) => {
    const server = await serverOf(flags, terminal);
    const signal = terminal.untilInterrupted();
    let before = await scrape(server);
    for (;;) {
      await sleep(flags.interval, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw new InterruptedError(signal);
      const now = await scrape(server);
      await show(terminal, flags, measured(before, now), server);
      if (flags.once === true) return;
      before = now;
    }
  });
}

interface Measurement {
  readonly streams: readonly Row[];
  readonly totals: Totals;
}

export function measured(before: Scrape, now: Scrape): Measurement {
  const seconds = (now.timeMs - before.timeMs) / 1000;
  const rate = (metric: string, stream: string): number => {
    const value = now.samples.get(metric)?.get(stream) ?? 0;
    // A stream that was deleted and created again counts from 0.
    return Math.max(0, value - (before.samples.get(metric)?.get(stream) ?? 0)) / seconds;
  };
  const names = new Set(
    ['nagare_kinesis_incoming_records_total', 'nagare_kinesis_get_records_records_total'].flatMap(
      (metric) => [...(now.samples.get(metric)?.keys() ?? [])],
    ),
  );
  const streams = [...names].map((stream) => ({
    StreamName: stream,
    RecordsPerSecond: rate('nagare_kinesis_incoming_records_total', stream),
    BytesPerSecond: rate('nagare_kinesis_incoming_bytes_total', stream),
    ReadRecordsPerSecond:
      rate('nagare_kinesis_get_records_records_total', stream) +
      rate('nagare_kinesis_subscribe_to_shard_event_records_total', stream),
    RefusedPerSecond: rate('nagare_kinesis_put_records_failed_records_total', stream),
    ReadAgeMilliseconds:
      (now.samples.get('nagare_kinesis_get_records_iterator_age_seconds')?.get(stream) ?? 0) * 1000,
  }));
  const busiest = streams.toSorted(
    (a, b) => b.RecordsPerSecond - a.RecordsPerSecond || b.ReadRecordsPerSecond - a.ReadRecordsPerSecond,
  );
  const sum = (member: 'RecordsPerSecond' | 'BytesPerSecond') =>
    streams.reduce((all, row) => all + row[member], 0);
  const totals = {
    RecordsPerSecond: sum('RecordsPerSecond'),
    BytesPerSecond: sum('BytesPerSecond'),
    Processor: rate('process_cpu_seconds_total', ''),
    MemoryBytes: now.samples.get('process_resident_memory_bytes')?.get('') ?? 0,
  };
  return { streams: busiest, totals };
}

async function show(
  terminal: Terminal,
  flags: TopFlags,
  { streams, totals }: Measurement,
  server: RunningServer,
): Promise<void> {
  const shown = streams.slice(0, flags.limit);
  if (flags.json === true) return terminal.print(JSON.stringify({ Totals: totals, Streams: shown }, null, 2));
  const columns = [
    { title: 'stream', of: (row: Row) => row.StreamName },
    { title: 'put/s', align: 'right' as const, of: (row: Row) => numberText(row.RecordsPerSecond) },
    {
      title: 'bytes/s',
      align: 'right' as const,
      of: (row: Row) => bytesText(Math.round(row.BytesPerSecond)),
    },
    { title: 'read/s', align: 'right' as const, of: (row: Row) => numberText(row.ReadRecordsPerSecond) },
    { title: 'refused/s', align: 'right' as const, of: (row: Row) => numberText(row.RefusedPerSecond) },
    { title: 'read age', align: 'right' as const, of: (row: Row) => durationText(row.ReadAgeMilliseconds) },
  ];
  const table = columnsText(columns, shown, terminal);
  if (terminal.columns === undefined) return terminal.print(table);
  const left = streams.length - shown.length;
  const head = `nagare at ${nameOf(server)}: ${numberText(totals.RecordsPerSecond)} records/s, ${bytesText(Math.round(totals.BytesPerSecond))}/s, processor ${numberText(totals.Processor * 100)} %, memory ${bytesText(totals.MemoryBytes)}`;
  const end = left > 0 ? `\n${left} more` : '';
  await terminal.write(`${flags.once === true ? '' : CLEAR}${head}\n\n${table}${end}\n`);
}
