import { Command, Option } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { confirmed, withYes, type ConfirmFlags } from '../confirm.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { formatCount } from '../../support/findings.ts';
import { parseWhole } from '../output/units.ts';
import { CommandError, type Terminal } from '../terminal.ts';
import {
  type Listed,
  consumersOf,
  isOpen,
  kinesis,
  shardsOf,
  streamOf,
  streamsOf,
  summaryOf,
  timeText,
  untilActive,
} from './kinesis.ts';
import { reportCommand } from './report.ts';
import { updateCommand } from './update.ts';

type Flags = ServerFlags & OutputFlags;
type CreateFlags = Flags & {
  readonly shards?: number;
  readonly onDemand?: true;
  readonly retentionHours?: number;
};
type ScaleFlags = Flags & { readonly shards: number };
type RemoveFlags = Flags & ConfirmFlags & { readonly enforceConsumerDeletion?: true };

/** `nagare stream`: the streams of Kinesis. */
export function streamCommand(terminal: Terminal): Command {
  return new Command('stream')
    .description('list, create, change and delete streams, and see how they do')
    .addCommand(listCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(createCommand(terminal))
    .addCommand(reportCommand(terminal))
    .addCommand(scaleCommand(terminal))
    .addCommand(updateCommand(terminal))
    .addCommand(deleteCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list streams');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const streams: Listed[] = [];
    for await (const stream of streamsOf(server)) streams.push(stream);
    const columns = [
      { title: 'stream', of: (one: Listed) => one.StreamName },
      { title: 'status', of: (one: Listed) => one.StreamStatus },
      { title: 'mode', of: (one: Listed) => one.StreamModeDetails?.StreamMode },
      { title: 'created', of: (one: Listed) => timeText(one.StreamCreationTimestamp) },
    ];
    printRows(terminal, flags, columns, streams);
  });
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show a stream with its shards and consumers')
    .argument('<name>', 'stream name or ARN');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const summary = await summaryOf(server, name);
    const shards = await shardsOf(server, name);
    const consumers = await consumersOf(server, summary.StreamARN ?? '');
    const open = shards.filter(isOpen).length;
    const facts: readonly (readonly [string, unknown])[] = [
      ['stream', summary.StreamName],
      ['arn', summary.StreamARN],
      ['status', summary.StreamStatus],
      ['mode', summary.StreamModeDetails?.StreamMode],
      ['retention', `${summary.RetentionPeriodHours} h`],
      ['encryption', summary.EncryptionType],
      ['shards', `${open} open, ${shards.length - open} closed`],
      ['consumers', consumers.map(({ ConsumerName }) => ConsumerName).join(', ') || 'none registered'],
      ['created', timeText(summary.StreamCreationTimestamp)],
    ];
    const text = facts.map(([title, value]) => `${title.padEnd(11)} ${String(value)}`).join('\n');
    printResult(terminal, flags, text, { ...summary, Shards: shards, Consumers: consumers });
  });
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('create a stream, and wait until it takes records')
    .argument('<name>', 'stream name')
    .option('--shards <number>', 'how many shards it has (default: 1)', parseWhole(1))
    .addOption(new Option('--on-demand', 'let the server choose the number of shards').conflicts('shards'))
    .option('--retention-hours <number>', 'how long records are kept (default: 24)', parseWhole(24));
  return withServer(withJson(command)).action(async (name: string, flags: CreateFlags) => {
    const server = await serverOf(flags, terminal);
    const mode =
      flags.onDemand === true
        ? { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }
        : { ShardCount: flags.shards ?? 1 };
    await kinesis(server, 'CreateStream', { StreamName: name, ...mode });
    await untilActive(server, name);
    if (flags.retentionHours !== undefined && flags.retentionHours !== 24) {
      const RetentionPeriodHours = flags.retentionHours;
      await kinesis(server, 'IncreaseStreamRetentionPeriod', { StreamName: name, RetentionPeriodHours });
    }
    const summary = await untilActive(server, name);
    printResult(
      terminal,
      flags,
      `${name} is ACTIVE with ${formatCount(summary.OpenShardCount ?? 0, 'shard')}`,
      summary,
    );
  });
}

function scaleCommand(terminal: Terminal): Command {
  const command = new Command('scale')
    .description('change the number of shards, and wait until it has taken effect')
    .argument('<name>', 'stream name or ARN')
    .requiredOption('--shards <number>', 'how many open shards it will have', parseWhole(1));
  return withServer(withJson(command)).action(async (name: string, flags: ScaleFlags) => {
    const server = await serverOf(flags, terminal);
    const before = await summaryOf(server, name);
    if (before.OpenShardCount !== flags.shards) {
      const input = { ...streamOf(name), TargetShardCount: flags.shards, ScalingType: 'UNIFORM_SCALING' };
      await kinesis(server, 'UpdateShardCount', input);
    }
    const after = await untilActive(server, name);
    const text = `${name} has ${formatCount(after.OpenShardCount ?? 0, 'shard')} (before: ${before.OpenShardCount})`;
    printResult(terminal, flags, text, after);
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete a stream with all its records')
    .argument('<name>', 'stream name or ARN')
    .option('--enforce-consumer-deletion', 'delete its registered consumers too');
  return withServer(withJson(withYes(command))).action(async (name: string, flags: RemoveFlags) => {
    const server = await serverOf(flags, terminal);
    const { OpenShardCount, ConsumerCount } = await summaryOf(server, name);
    const shards = formatCount(OpenShardCount ?? 0, 'open shard');
    const consumers = formatCount(ConsumerCount ?? 0, 'consumer');
    confirmed(flags, `this deletes ${name} with all its records: ${shards}, ${consumers}`);
    const EnforceConsumerDeletion = flags.enforceConsumerDeletion === true;
    if (!EnforceConsumerDeletion && (ConsumerCount ?? 0) > 0) {
      throw new CommandError(`${name} has ${ConsumerCount} registered consumers`, {
        remedy: `nagare stream delete ${name} --enforce-consumer-deletion --yes`,
      });
    }
    await kinesis(server, 'DeleteStream', { ...streamOf(name), EnforceConsumerDeletion });
    printResult(terminal, flags, `${name} is deleted`, { StreamName: name, Deleted: true });
  });
}
