import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { call, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
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
  return withServer(command).action(async (flags: ServerFlags) => {
    const server = await serverOf(flags, terminal);
    let after: string | undefined;
    let more = true;
    while (more) {
      const page = await firehose<{
        DeliveryStreamNames: readonly string[];
        HasMoreDeliveryStreams: boolean;
      }>(server, 'ListDeliveryStreams', { ExclusiveStartDeliveryStreamName: after, Limit: 100 });
      for (const name of page.DeliveryStreamNames) {
        const { description, progress } = await read(server, name);
        terminal.print(`${name}: ${description.DeliveryStreamType}, ${stateOf(description, progress)}`);
      }
      after = page.DeliveryStreamNames.at(-1);
      more = page.HasMoreDeliveryStreams;
    }
  });
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show a delivery stream and its progress as JSON')
    .argument('<name>');
  return withServer(command).action(async (name: string, flags: ServerFlags) => {
    const { description, progress } = await read(await serverOf(flags, terminal), name);
    terminal.print(JSON.stringify({ ...description, Progress: progress }, null, 2));
  });
}

function flushCommand(terminal: Terminal): Command {
  const command = new Command('flush')
    .description('deliver waiting records without waiting for the buffer to fill')
    .argument('<name>');
  return withServer(command).action(async (name: string, flags: ServerFlags) => {
    const server = await serverOf(flags, terminal);
    const input = { DeliveryStreamName: name };
    const { UndeliveredUntil: until } = await firehose<{ UndeliveredUntil?: number }>(
      server,
      'FlushDeliveryStream',
      input,
    );
    if (until === undefined) {
      terminal.print(`${name}: delivering the records that are in its stream`);
      return;
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
    terminal.print(`${name}: delivered all records`);
  });
}

function retryCommand(terminal: Terminal): Command {
  const command = new Command('retry').description('retry failed deliveries now').argument('<name>');
  return withServer(command).action(async (name: string, flags: ServerFlags) => {
    const input = { DeliveryStreamName: name, RetryOnly: true };
    await firehose(await serverOf(flags, terminal), 'FlushDeliveryStream', input);
    terminal.print(`${name}: retrying`);
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('deliver waiting records, then delete the delivery stream')
    .argument('<name>')
    .option('--force', 'drop undelivered records');
  return withServer(command).action(async (name: string, flags: ServerFlags & { readonly force?: true }) => {
    const input = { DeliveryStreamName: name, AllowForceDelete: flags.force === true };
    await firehose(await serverOf(flags, terminal), 'DeleteDeliveryStream', input);
    terminal.print(flags.force === true ? `${name} is deleted` : `${name} is being deleted`);
  });
}

async function read(server: RunningServer, name: string) {
  const input = { DeliveryStreamName: name };
  const { DeliveryStreamDescription: description } = await firehose<{
    DeliveryStreamDescription: Description;
  }>(server, 'DescribeDeliveryStream', input);
  const progress = await firehose<Progress>(server, 'GetDeliveryStreamProgress', input);
  return { description, progress };
}

function stateOf({ DeliveryStreamStatus }: Description, { WaitingRecords, Failure }: Progress): string {
  const waiting = WaitingRecords === undefined ? '' : `, ${WaitingRecords} records waiting`;
  const failure = Failure === undefined ? '' : `, failing: ${Failure.Reason}`;
  return `${DeliveryStreamStatus}${waiting}${failure}`;
}
