import { Argument, Command, Option } from 'commander';
import { callRest, serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { durationText, parseDurationMs } from '../output/units.ts';
import { summaryOf } from '../stream/kinesis.ts';
import { CommandError, exitCodes, type Terminal } from '../terminal.ts';
import { type ReaderAge, readerAges, WINDOW_MS } from './reader-ages.ts';
import { checkText, type CheckFormat, checkFormats, type Finding } from './check-formats.ts';

type CheckFlags = ServerFlags & {
  readonly maxAge: number;
  readonly format: CheckFormat;
  readonly json?: true;
};

const DEFAULT_AGE_MS = 60_000;

/** `nagare check`: for monitoring systems and scripts. */
export function checkCommand(terminal: Terminal): Command {
  const command = new Command('check')
    .description('say whether a stream is well: active, and read without delay; exit code 3 if it is not')
    .addArgument(new Argument('<noun>', 'what is checked').choices(['stream']))
    .argument('<name>', 'stream name')
    .addOption(
      new Option('--max-age <duration>', 'how far the slowest reader may be behind')
        .argParser(parseDurationMs)
        .default(DEFAULT_AGE_MS, '60s'),
    )
    .addOption(
      new Option('--format <name>', 'nagios: its exit codes are 0 and 2')
        .choices(checkFormats)
        .default('text'),
    )
    .addOption(new Option('--json', 'the same as --format json').implies({ format: 'json' }));
  return withServer(command).action(async (_noun: string, name: string, flags: CheckFlags) => {
    const server = await serverOf(flags, terminal);
    const findings = await examine(server, name, flags.maxAge);
    terminal.print(checkText(flags.format, name, findings));
    const bad = findings.filter(({ isWell }) => !isWell);
    if (bad.length === 0) return;
    const exitCode = flags.format === 'nagios' ? exitCodes.usage : exitCodes.differs;
    throw new CommandError(`${name} is not well: ${bad.map(({ check }) => check).join(', ')}`, {
      exitCode,
      remedy: `nagare stream report ${name}`,
    });
  });
}

async function examine(server: RunningServer, name: string, maxAgeMs: number): Promise<Finding[]> {
  const summary = await summaryOf(server, name);
  const status = summary.StreamStatus ?? '';
  const isActive = status === 'ACTIVE' || status === 'UPDATING';
  const ages = [
    ...(await readerAges(server, name, summary.StreamARN ?? '')),
    ...(await mappingAges(server, summary.StreamARN ?? '')),
  ];
  const says = ages.length === 0 ? `no reads in the last ${durationText(WINDOW_MS)}` : undefined;
  return [
    { check: 'status', isWell: isActive, says: status },
    ...(says === undefined ? [] : [{ check: 'readers', isWell: false, says }]),
    ...ages.map(({ reader, ageMs }) => ({
      check: reader,
      isWell: ageMs <= maxAgeMs,
      says: `${durationText(ageMs)} behind, at most ${durationText(maxAgeMs)}`,
      ageMs,
      maxAgeMs,
    })),
  ];
}

interface Mapping {
  readonly UUID: string;
  readonly FunctionArn: string;
  readonly State: string;
}

/** Of functions, which no metric of the stream counts. AWS does not tell their progress. */
async function mappingAges(server: RunningServer, arn: string): Promise<ReaderAge[]> {
  if (server.endpoint === undefined) return [];
  const path = '/2015-03-31/event-source-mappings';
  const get = <Output>(end: string) =>
    callRest<Output>(server, { service: 'lambda', method: 'GET', path: path + end });
  const { EventSourceMappings: mappings } = await get<{ EventSourceMappings: readonly Mapping[] }>(
    `?EventSourceArn=${encodeURIComponent(arn)}`,
  );
  const ages: ReaderAge[] = [];
  for (const { UUID, FunctionArn, State } of mappings) {
    if (State === 'Disabled') continue;
    const { Shards } = await get<{ Shards: readonly { readonly MillisBehindLatest?: number }[] }>(
      `/${UUID}/progress`,
    );
    const ageMs = Math.max(0, ...Shards.map(({ MillisBehindLatest = 0 }) => MillisBehindLatest));
    ages.push({ reader: `function ${FunctionArn.split(':').at(-1)}`, ageMs });
  }
  return ages;
}
