import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { AnsweredError, call, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { CommandError, type Terminal } from './terminal.ts';

type LogsFlags = ServerFlags & {
  readonly follow?: true;
  readonly since?: number;
  readonly filter?: string;
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

/** `nagare logs`: prints the output of a function. */
export function logsCommand(terminal: Terminal): Command {
  const command = new Command('logs')
    .description('print the output of a function')
    .argument('<function>', 'function name')
    .option('-f, --follow', 'keep printing new output until you press Ctrl-C')
    .option('--since <duration>', 'only output of the last 30s, 10m, 2h or 7d', parseDuration)
    .option('--filter <pattern>', 'only lines that match a CloudWatch Logs filter pattern');
  return withServer(command).action(async (functionName: string, flags: LogsFlags) => {
    await showLogs(functionName, flags, terminal);
  });
}

async function showLogs(functionName: string, flags: LogsFlags, terminal: Terminal): Promise<void> {
  const server = await serverOf(flags, terminal);
  const { follow, since, filter } = flags;
  const input = {
    logGroupName: `${GROUP_PREFIX}${functionName}`,
    ...(filter === undefined ? {} : { filterPattern: filter }),
  };
  let from = since === undefined ? 0 : Date.now() - since;
  /** Events with exactly the time `from` that have been shown. */
  let shown = new Set<string>();
  for (;;) {
    for await (const { eventId, timestamp, message } of eventsSince(server, input, from, follow)) {
      if (shown.has(eventId)) continue;
      if (timestamp > from) shown = new Set();
      from = Math.max(from, timestamp);
      shown.add(eventId);
      terminal.print(`${new Date(timestamp).toISOString()} ${message.trimEnd()}`);
    }
    if (follow === undefined) return;
    await sleep(FOLLOW_PAUSE_MS);
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
      );
    });
    yield* page.events ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

function filterLogEvents(server: RunningServer, input: object): Promise<Page> {
  return call(server, 'logs', 'Logs_20140328.FilterLogEvents', input);
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDuration(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (count === undefined || unitMs === undefined) {
    throw new InvalidArgumentError('Specify a number with a unit, such as 30s, 10m, 2h or 7d.');
  }
  return Number(count) * unitMs;
}
