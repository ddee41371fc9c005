import { Command } from 'commander';
import { call, serverOf, withServer, type ServerFlags } from './api.ts';
import { confirmed, withYes, type ConfirmFlags } from './confirm.ts';
import { verifyCommand } from './list-log-verify.ts';
import { factsText } from './output/facts.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from './output/output.ts';
import { CommandError, type Terminal } from './terminal.ts';

const target = 'NagareListLog_20261101';

type CreateFlags = ServerFlags &
  OutputFlags & {
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

/** `nagare list-log`: manages list logs, objects that hold every record of a stream as a line. */
export function logCommand(terminal: Terminal, name = 'list-log'): Command {
  const command = new Command(name).description(
    'manage list logs: each writes every record of a stream as a line of one object',
  );
  command.addCommand(createCommand(terminal));
  command.addCommand(listCommand(terminal));
  command.addCommand(describeCommand(terminal));
  command.addCommand(verifyCommand(terminal));
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
  return withServer(withJson(command)).action(async (name: string, flags: CreateFlags) => {
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
    const { stream: Stream, bucket: Bucket, key: Key } = flags;
    const text = `${name}: writing each record of ${Stream} as a line of s3://${Bucket}/${Key}`;
    printResult(terminal, flags, text, { ListLogName: name, Stream, Bucket, Key });
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
  return withServer(withRows(new Command('list').alias('ls').description('list all list logs'))).action(
    async (flags: ServerFlags & OutputFlags) => {
      const server = await serverOf(flags, terminal);
      const logs: Description[] = [];
      let after: string | undefined;
      let more = true;
      while (more) {
        const page = await call<{ ListLogs: readonly Description[]; HasMoreListLogs: boolean }>(
          server,
          'listlog',
          `${target}.ListListLogs`,
          { ExclusiveStartListLogName: after },
        );
        logs.push(...page.ListLogs);
        after = page.ListLogs.at(-1)?.ListLogName;
        more = page.HasMoreListLogs;
      }
      const columns = [
        { title: 'list log', of: (log: Description) => log.ListLogName },
        { title: 'stream', of: (log: Description) => log.Stream },
        { title: 'object', of: (log: Description) => `s3://${log.Bucket}/${log.Key}` },
        { title: 'status', of: (log: Description) => log.Status },
        { title: 'lines', align: 'right' as const, of: (log: Description) => log.Lines },
      ];
      printRows(terminal, flags, columns, logs);
    },
  );
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show the progress of a list log')
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: ServerFlags & OutputFlags) => {
    const { ListLogDescription } = await call<{ ListLogDescription: Description }>(
      await serverOf(flags, terminal),
      'listlog',
      `${target}.DescribeListLog`,
      { ListLogName: name },
    );
    printResult(terminal, flags, factsText(ListLogDescription), ListLogDescription);
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('stop writing; the object is kept')
    .argument('<name>');
  type Flags = ServerFlags & OutputFlags & ConfirmFlags;
  return withServer(withJson(withYes(command))).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const input = { ListLogName: name };
    const { ListLogDescription: log } = await call<{ ListLogDescription: Description }>(
      server,
      'listlog',
      `${target}.DescribeListLog`,
      input,
    );
    confirmed(flags, `this ends the list log ${name}: no more lines are written`);
    await call(server, 'listlog', `${target}.DeleteListLog`, input);
    const hasObject = (log.Lines ?? 0) > 0;
    const left = hasObject ? `; s3://${log.Bucket}/${log.Key} stays` : '';
    const kept = hasObject && { Bucket: log.Bucket, Key: log.Key };
    printResult(terminal, flags, `${name} was deleted${left}`, { ListLogName: name, Deleted: true, ...kept });
  });
}
