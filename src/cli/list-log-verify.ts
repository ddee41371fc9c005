import { Command } from 'commander';
import { describeReport, ListLogCheck } from '../decode/list-log-check.ts';
import { call, serverOf, withServer, type ServerFlags } from './api.ts';
import { withS3 } from './objects/s3.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import { Progress } from './output/progress.ts';
import { CommandError, exitCodes, type Terminal } from './terminal.ts';

interface Place {
  readonly Bucket: string;
  readonly Key: string;
  readonly Endpoint?: string;
}

/** `nagare list-log verify`: reads the whole object. */
export function verifyCommand(terminal: Terminal): Command {
  const command = new Command('verify')
    .description(
      'read the object of a list log, and check that it is whole and has all lines that were written',
    )
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: ServerFlags & OutputFlags) => {
    const server = await serverOf(flags, terminal);
    const { ListLogDescription: log } = await call<{ ListLogDescription: Place }>(
      server,
      'listlog',
      'NagareListLog_20261101.DescribeListLog',
      { ListLogName: name },
    );
    if (log.Endpoint !== undefined) {
      throw new CommandError(`the object of ${name} is in another S3: ${log.Endpoint}`);
    }
    const report = await withS3(server, async ({ client, sdk }) => {
      const input = { Bucket: log.Bucket, Key: log.Key };
      const { Body, ContentLength = 0, Metadata = {} } = await client.send(new sdk.GetObjectCommand(input));
      const check = new ListLogCheck(ContentLength, Metadata);
      const progress = new Progress(terminal, 'bytes', { total: ContentLength, quiet: flags.quiet === true });
      // In Node it is a stream.
      for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) {
        check.add(chunk);
        progress.add(chunk.length);
      }
      progress.end();
      return check.report();
    });
    const { bytes: Bytes, lines: Lines, written: Written, problems: Problems } = report;
    const text = [...Problems, `${name}: ${describeReport(report)}`].join('\n');
    printResult(terminal, flags, text, { ListLogName: name, Bytes, Lines, Written, Problems });
    if (Problems.length > 0) {
      throw new CommandError(`s3://${log.Bucket}/${log.Key} is not as ${name} has written it`, {
        exitCode: exitCodes.differs,
      });
    }
  });
}
