import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { Command, Option } from 'commander';
import {
  AnsweredError,
  call,
  callRest,
  serverOf,
  withServer,
  type RunningServer,
  type ServerFlags,
} from '../api.ts';
import { parseDurationMs } from '../output/units.ts';
import { CommandError, exitCodes, InterruptedError, type Terminal } from '../terminal.ts';

type LogsFlags = ServerFlags & {
  readonly follow?: true;
  readonly since?: number;
  readonly filter?: string;
  readonly ndjson?: true;
  readonly json?: true;
};

interface LogEvent {
  readonly eventId: string;
  readonly timestamp: number;
  readonly message: string;
}

interface Page {
  readonly events?: readonly LogEvent[];
  readonly nextToken?: string;
}

const GROUP_PREFIX = '/aws/lambda/';
const FOLLOW_PAUSE_MS = 300;
const nothing: Page = {};

/** `nagare function logs`: prints the output of a function. */
export function logsCommand(terminal: Terminal, name = 'logs'): Command {
  const command = new Command(name)
    .description('print the output of a function')
    .argument('<function>', 'function name')
    .option('-f, --follow', 'keep printing new output until you press Ctrl-C')
    .option('--since <duration>', 'only output of the last 30s, 10m, 2h or 7d', parseDurationMs)
    .option('--filter <pattern>', 'only lines that match a CloudWatch Logs filter pattern')
    .option('--ndjson', 'print one JSON object per line')
    .addOption(new Option('--json', 'print one JSON array').conflicts('follow'));
  return withServer(command).action(async (functionName: string, flags: LogsFlags) => {
    await showLogs(functionName, flags, terminal);
  });
}

async function showLogs(functionName: string, flags: LogsFlags, terminal: Terminal): Promise<void> {
  const server = await serverOf(flags, terminal);
  const { follow, since, filter } = flags;
  const input = {
    logGroupName: await logGroupOf(server, functionName),
    ...(filter === undefined ? {} : { filterPattern: filter }),
  };
  const interrupted = terminal.untilInterrupted();
  const all: LogEvent[] = [];
  let from = since === undefined ? 0 : Date.now() - since;
  /** Events with exactly the time `from` that have been shown. */
  let shown = new Set<string>();
  for (;;) {
    for await (const { eventId, timestamp, message } of eventsSince(server, input, from, follow)) {
      if (shown.has(eventId)) continue;
      if (timestamp > from) shown = new Set();
      from = Math.max(from, timestamp);
      shown.add(eventId);
      if (flags.json === true) all.push({ eventId, timestamp, message });
      else terminal.print(lineOf({ eventId, timestamp, message }, flags));
    }
    if (follow === undefined) break;
    await sleep(FOLLOW_PAUSE_MS, undefined, { signal: interrupted }).catch(() => undefined);
    if (interrupted.aborted) throw new InterruptedError(interrupted);
  }
  if (flags.json === true) terminal.print(JSON.stringify(all, null, 2));
}

function lineOf(event: LogEvent, { ndjson }: LogsFlags): string {
  const time = new Date(event.timestamp).toISOString();
  return ndjson === true
    ? JSON.stringify({ ...event, timestamp: time })
    : `${time} ${event.message.trimEnd()}`;
}

/** The function may have been deleted, or not been created yet: then it is the group that functions have by default. */
async function logGroupOf(server: RunningServer, functionName: string): Promise<string> {
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/configuration`;
  try {
    const request = { service: 'lambda', method: 'GET', path } as const;
    const { LoggingConfig } = await callRest<FunctionConfiguration>(server, request);
    return LoggingConfig?.LogGroup ?? `${GROUP_PREFIX}${functionName}`;
  } catch (error) {
    if (error instanceof AnsweredError) return `${GROUP_PREFIX}${functionName}`;
    throw error;
  }
}

/** Reads all pages of FilterLogEvents. With --follow, a function that has not run yet has no events. */
async function* eventsSince(
  server: RunningServer,
  input: { readonly logGroupName: string },
  startTime: number,
  follow: true | undefined,
): AsyncGenerator<LogEvent> {
  let nextToken: string | undefined;
  do {
    const page = await filterLogEvents(server, { ...input, startTime, nextToken }).catch((error: unknown) => {
      const isUnknown = error instanceof AnsweredError && error.code === 'ResourceNotFoundException';
      if (!isUnknown) throw error;
      if (follow === true) return nothing;
      throw new CommandError(
        `${input.logGroupName} does not exist: the function does not exist or has never run`,
        { exitCode: exitCodes.notFound, remedy: 'nagare function ls' },
      );
    });
    yield* page.events ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

function filterLogEvents(server: RunningServer, input: object): Promise<Page> {
  return call(server, 'logs', 'Logs_20140328.FilterLogEvents', input);
}
