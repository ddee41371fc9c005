import { Command } from 'commander';
import { call, serverOf, withServer, type ServerFlags } from './api.ts';
import { CommandError, type Terminal } from './terminal.ts';

const target = 'NagareListLog_20261101';

type CreateFlags = ServerFlags & {
  readonly stream: string;
  readonly bucket: string;
  readonly key: string;
  readonly format?: string;
  readonly timeZone?: string;
  readonly from?: string;
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
};

/** Times are seconds since the epoch, as in AWS's JSON. */
interface Description {
  readonly ListLogName: string;
  readonly Stream: string;
  readonly Bucket: string;
  readonly Key: string;
  readonly Status: string;
  readonly StatusReason?: string;
  readonly Lines?: number;
  readonly RawLines?: number;
}

/** `nagare log`: manages list logs, objects that hold every record of a stream as a line. */
export function logCommand(terminal: Terminal): Command {
  const command = new Command('log').description(
    'manage list logs: each writes every record of a stream as a line of one object',
  );
  command.addCommand(createCommand(terminal));
  command.addCommand(listCommand(terminal));
  command.addCommand(describeCommand(terminal));
  command.addCommand(deleteCommand(terminal));
  return command;
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('start writing every record of a stream as a line of one object')
    .argument('<name>')
    .requiredOption('--stream <name>', 'stream name or ARN')
    .requiredOption('--bucket <name>', 'bucket name; created if it does not exist')
    .requiredOption('--key <key>', 'object key')
    .option('--format <line>', 'line format (default: {time:yyyy/MM/dd HH:mm:ss.SSS},{message})')
    .option('--time-zone <name>', 'time zone for times in lines, such as Asia/Tokyo (default: UTC)')
    .option(
      '--from <position>',
      'where to start: TRIM_HORIZON (default), LATEST, or a time such as 2026-11-01T09:30:00Z',
    )
    .option('--s3-endpoint <url>', 'URL of another S3 (default: the server itself)')
    .option('--s3-region <region>', 'region of the other S3');
  return withServer(command).action(async (name: string, flags: CreateFlags) => {
    const input = {
      ListLogName: name,
      Stream: flags.stream,
      Bucket: flags.bucket,
      Key: flags.key,
      Format: flags.format,
      TimeZone: flags.timeZone,
      ...startOf(flags.from),
      Endpoint: flags.s3Endpoint,
      Region: flags.s3Region,
    };
    await call(await serverOf(flags, terminal), 'listlog', `${target}.CreateListLog`, input);
    terminal.print(
      `${name}: writing each record of ${flags.stream} as a line of s3://${flags.bucket}/${flags.key}`,
    );
  });
}

/** Parses the name of a position, or a time. */
function startOf(from: string | undefined): object {
  if (from === undefined || !/^\d/.test(from)) return { StartingPosition: from };
  const timeMs = Date.parse(from);
  if (Number.isNaN(timeMs)) {
    throw new CommandError(
      `--from is "${from}"; it must be TRIM_HORIZON, LATEST or a time such as 2026-11-01T09:30:00Z`,
    );
  }
  return { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: timeMs / 1000 };
}

function listCommand(terminal: Terminal): Command {
  return withServer(new Command('list').description('list all list logs')).action(
    async (flags: ServerFlags) => {
      const server = await serverOf(flags, terminal);
      let after: string | undefined;
      let more = true;
      while (more) {
        const page = await call<{ ListLogs: readonly Description[]; HasMoreListLogs: boolean }>(
          server,
          'listlog',
          `${target}.ListListLogs`,
          { ExclusiveStartListLogName: after },
        );
        for (const log of page.ListLogs) terminal.print(summary(log));
        after = page.ListLogs.at(-1)?.ListLogName;
        more = page.HasMoreListLogs;
      }
    },
  );
}

function summary({ ListLogName, Stream, Bucket, Key, Status, Lines }: Description): string {
  const lines = Lines === undefined ? '' : `, ${Lines} lines`;
  return `${ListLogName}: ${Stream} to s3://${Bucket}/${Key}, ${Status}${lines}`;
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .description('show the progress of a list log as JSON')
    .argument('<name>');
  return withServer(command).action(async (name: string, flags: ServerFlags) => {
    const { ListLogDescription } = await call<{ ListLogDescription: Description }>(
      await serverOf(flags, terminal),
      'listlog',
      `${target}.DescribeListLog`,
      { ListLogName: name },
    );
    terminal.print(JSON.stringify(ListLogDescription, null, 2));
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete').description('stop writing; the object is kept').argument('<name>');
  return withServer(command).action(async (name: string, flags: ServerFlags) => {
    const server = await serverOf(flags, terminal);
    const input = { ListLogName: name };
    const { ListLogDescription: log } = await call<{ ListLogDescription: Description }>(
      server,
      'listlog',
      `${target}.DescribeListLog`,
      input,
    );
    await call(server, 'listlog', `${target}.DeleteListLog`, input);
    const left = (log.Lines ?? 0) > 0 ? `; s3://${log.Bucket}/${log.Key} stays` : '';
    terminal.print(`${name} was deleted${left}`);
  });
}
