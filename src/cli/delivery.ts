import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { call, isAws, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { confirmed, withYes, type ConfirmFlags } from './confirm.ts';
import { formatCount } from '../support/findings.ts';
import { factsText } from './output/facts.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from './output/output.ts';
import { CommandError, type Terminal } from './terminal.ts';

const target = 'Firehose_20150804';
const WAIT_PAUSE_MS = 200;

/** Times are seconds since the epoch, as in AWS's JSON. */
interface Progress {
  readonly DeliveryStreamName: string;
  readonly WaitingRecords?: number;
  readonly Failure?: { readonly Reason: string; readonly Since: number };
}

interface Description {
  readonly DeliveryStreamName: string;
  readonly DeliveryStreamStatus: string;
  readonly DeliveryStreamType: string;
}

/** AWS tells no progress. */
type Delivery = Description & { readonly Progress?: Progress };

type Flags = ServerFlags & OutputFlags;

/** `nagare delivery`: the delivery streams of Firehose. */
export function deliveryCommand(terminal: Terminal): Command {
  const command = new Command('delivery').description('manage delivery streams of Firehose');
  command.addCommand(listCommand(terminal));
  command.addCommand(describeCommand(terminal));
  command.addCommand(flushCommand(terminal));
  command.addCommand(retryCommand(terminal));
  command.addCommand(deleteCommand(terminal));
  return command;
}

function firehose<Output>(server: RunningServer, operation: string, input: object): Promise<Output> {
  return call<Output>(server, 'firehose', `${target}.${operation}`, input);
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list delivery streams with their states');
  return withServer(withRows(command)).action(async (flags: ServerFlags & OutputFlags) => {
    const server = await serverOf(flags, terminal);
    const rows: Delivery[] = [];
    let after: string | undefined;
    let more = true;
    while (more) {
      const page = await firehose<{
        DeliveryStreamNames: readonly string[];
        HasMoreDeliveryStreams: boolean;
      }>(server, 'ListDeliveryStreams', { ExclusiveStartDeliveryStreamName: after, Limit: 100 });
      for (const name of page.DeliveryStreamNames) {
        rows.push(await read(server, name));
      }
      after = page.DeliveryStreamNames.at(-1);
      more = page.HasMoreDeliveryStreams;
    }
    const columns = [
      { title: 'delivery stream', of: (row: Delivery) => row.DeliveryStreamName },
      { title: 'type', of: (row: Delivery) => row.DeliveryStreamType },
      { title: 'status', of: (row: Delivery) => row.DeliveryStreamStatus },
      { title: 'waiting', align: 'right' as const, of: (row: Delivery) => row.Progress?.WaitingRecords },
      { title: 'failure', of: (row: Delivery) => row.Progress?.Failure?.Reason },
    ];
    printRows(terminal, flags, columns, rows);
  });
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show a delivery stream and its progress')
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const delivery = await read(await serverOf(flags, terminal), name);
    printResult(terminal, flags, factsText(delivery), delivery);
  });
}

function flushCommand(terminal: Terminal): Command {
  const command = new Command('flush')
    .description('deliver waiting records without waiting for the buffer to fill')
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const input = { DeliveryStreamName: name };
    const { UndeliveredUntil: until } = await firehose<{ UndeliveredUntil?: number }>(
      server,
      'FlushDeliveryStream',
      input,
    );
    if (until === undefined) {
      const text = `${name}: delivering the records that are in its stream`;
      return printResult(terminal, flags, text, { ...input, Delivered: false });
    }
    for (;;) {
      const progress = await firehose<Progress & { DeliveredUntil?: number }>(
        server,
        'GetDeliveryStreamProgress',
        input,
      );
      if ((progress.DeliveredUntil ?? 0) >= until) break;
      if (progress.Failure !== undefined) throw new CommandError(`${name}: ${progress.Failure.Reason}`);
      await sleep(WAIT_PAUSE_MS);
    }
    printResult(terminal, flags, `${name}: delivered all records`, { ...input, Delivered: true });
  });
}

function retryCommand(terminal: Terminal): Command {
  const command = new Command('retry').description('retry failed deliveries now').argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const input = { DeliveryStreamName: name, RetryOnly: true };
    await firehose(await serverOf(flags, terminal), 'FlushDeliveryStream', input);
    printResult(terminal, flags, `${name}: retrying`, { DeliveryStreamName: name, Retrying: true });
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('deliver waiting records, then delete the delivery stream')
    .argument('<name>')
    .option('--force', 'drop undelivered records');
  return withServer(withJson(withYes(command))).action(
    async (name: string, flags: Flags & ConfirmFlags & { readonly force?: true }) => {
      const server = await serverOf(flags, terminal);
      confirmed(flags, effectOf(await read(server, name), flags.force === true));
      const input = { DeliveryStreamName: name, AllowForceDelete: flags.force === true };
      await firehose(server, 'DeleteDeliveryStream', input);
      const isGone = flags.force === true;
      const text = isGone ? `${name} is deleted` : `${name} is being deleted`;
      printResult(terminal, flags, text, { DeliveryStreamName: name, Deleted: isGone });
    },
  );
}

function effectOf({ DeliveryStreamName: name, Progress: progress }: Delivery, isForced: boolean): string {
  const waiting = progress?.WaitingRecords ?? 0;
  const then = isForced ? 'lost' : 'delivered first';
  const records = `; ${formatCount(waiting, 'waiting record')} ${waiting === 1 ? 'is' : 'are'} ${then}`;
  return `this deletes the delivery stream ${name}${waiting === 0 ? '' : records}`;
}

async function read(server: RunningServer, name: string): Promise<Delivery> {
  const input = { DeliveryStreamName: name };
  const { DeliveryStreamDescription: description } = await firehose<{
    DeliveryStreamDescription: Description;
  }>(server, 'DescribeDeliveryStream', input);
  if (isAws(server)) return description;
  const progress = await firehose<Progress>(server, 'GetDeliveryStreamProgress', input);
  return { ...description, Progress: progress };
}
