import { Command } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { printRows, withRows, type OutputFlags } from '../output/output.ts';
import { readersCommand } from './readers.ts';
import type { Terminal } from '../terminal.ts';
import { consumersOf, streamsOf, summaryOf, timeText } from './kinesis.ts';

/** `nagare consumer`: who reads streams. */
export function consumerCommand(terminal: Terminal): Command {
  return new Command('consumer')
    .description('list registered consumers (enhanced fan-out), and show who reads a stream')
    .addCommand(listCommand(terminal))
    .addCommand(readersCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list registered consumers, of one stream or of all')
    .argument('[stream]', 'stream name or ARN');
  return withServer(withRows(command)).action(
    async (name: string | undefined, flags: ServerFlags & OutputFlags) => {
      const server = await serverOf(flags, terminal);
      const arns: string[] = [];
      if (name !== undefined) arns.push((await summaryOf(server, name)).StreamARN ?? '');
      else for await (const { StreamARN = '' } of streamsOf(server)) arns.push(StreamARN);
      const rows = [];
      for (const arn of arns) {
        const stream = arn.slice(arn.indexOf('/') + 1);
        for (const consumer of await consumersOf(server, arn)) rows.push({ StreamName: stream, ...consumer });
      }
      type Row = (typeof rows)[number];
      const columns = [
        { title: 'stream', of: (row: Row) => row.StreamName },
        { title: 'consumer', of: (row: Row) => row.ConsumerName },
        { title: 'status', of: (row: Row) => row.ConsumerStatus },
        { title: 'created', of: (row: Row) => timeText(row.ConsumerCreationTimestamp) },
      ];
      printRows(terminal, flags, columns, rows);
    },
  );
}
