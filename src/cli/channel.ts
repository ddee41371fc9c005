import type { ChannelDescription, ChannelSummary } from '@aws-sdk/client-kinesis';
import { Command } from 'commander';
import { serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { confirmed, withYes, type ConfirmFlags } from './confirm.ts';
import { factsText } from './output/facts.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from './output/output.ts';
import { type InJson, kinesis, timeText } from './stream/kinesis.ts';
import { CommandError, exitCodes, type Terminal } from './terminal.ts';

type Flags = ServerFlags & OutputFlags;
type Channel = InJson<ChannelSummary>;

/** `nagare channel`: the channels of Kinesis, which deliver streams to buckets and tables. */
export function channelCommand(terminal: Terminal): Command {
  return new Command('channel')
    .description('list and delete channels, which deliver streams to buckets and tables')
    .addCommand(listCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(deleteCommand(terminal));
}

export async function* channelsOf(server: RunningServer): AsyncGenerator<Channel, void, undefined> {
  let NextToken: string | undefined;
  do {
    const page = await kinesis<{ ChannelSummaries?: Channel[]; NextToken?: string }>(server, 'ListChannels', {
      NextToken,
    });
    yield* page.ChannelSummaries ?? [];
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list channels with their states');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const channels: Channel[] = [];
    for await (const channel of channelsOf(await serverOf(flags, terminal))) channels.push(channel);
    const columns = [
      { title: 'channel', of: (channel: Channel) => channel.ChannelName },
      { title: 'stream', of: streamsOf },
      { title: 'destination', of: (channel: Channel) => channel.ChannelDestinationType },
      { title: 'status', of: (channel: Channel) => channel.ChannelStatus },
      { title: 'created', of: (channel: Channel) => timeText(channel.ChannelCreationTimestamp) },
      { title: 'reason', of: (channel: Channel) => channel.ChannelStatusReason },
    ];
    printRows(terminal, flags, columns, channels);
  });
}

function streamsOf({ Streams = [] }: Channel): string {
  return Streams.map(({ StreamARN = '' }) => StreamARN.slice(StreamARN.indexOf('/') + 1)).join(' ');
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show a channel with its destination')
    .argument('<name>', 'channel name or ARN');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const ChannelARN = await arnOf(server, name);
    const { ChannelDescription: described } = await kinesis<{ ChannelDescription: ChannelDescription }>(
      server,
      'DescribeChannel',
      { ChannelARN },
    );
    printResult(terminal, flags, factsText(described), described);
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('stop a channel at once; what it has delivered stays')
    .argument('<name>', 'channel name or ARN');
  return withServer(withJson(withYes(command))).action(async (name: string, flags: Flags & ConfirmFlags) => {
    const server = await serverOf(flags, terminal);
    const ChannelARN = await arnOf(server, name);
    confirmed(flags, `this deletes the channel ${name}: records that it has not delivered never are`);
    await kinesis(server, 'DeleteChannel', { ChannelARN });
    printResult(terminal, flags, `${name} is deleted`, { ChannelARN, Deleted: true });
  });
}

/** Kinesis knows channels by their ARNs only. */
async function arnOf(server: RunningServer, name: string): Promise<string> {
  if (name.startsWith('arn:')) return name;
  for await (const { ChannelName, ChannelARN = '' } of channelsOf(server)) {
    if (ChannelName === name) return ChannelARN;
  }
  throw new CommandError(`there is no channel ${name}`, {
    exitCode: exitCodes.notFound,
    remedy: 'nagare channel ls',
  });
}
