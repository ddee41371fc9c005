import { Command, Option } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { confirmed, withYes, type ConfirmFlags } from '../confirm.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { parseWhole } from '../output/units.ts';
import { type Terminal, usageError } from '../terminal.ts';
import { kinesis, streamOf, summaryOf, type Summary, untilActive } from './kinesis.ts';

type UpdateFlags = ServerFlags &
  OutputFlags &
  ConfirmFlags & {
    readonly retentionHours?: number;
    readonly mode?: keyof typeof MODES;
    readonly shardMetrics?: 'on' | 'off';
  };

const MODES = { provisioned: 'PROVISIONED', 'on-demand': 'ON_DEMAND' } as const;

/** `nagare stream update`: what a stream has besides its shards. */
export function updateCommand(terminal: Terminal): Command {
  const command = new Command('update')
    .description(
      'change the retention, the mode or the metrics of a stream, and wait until it has taken effect',
    )
    .argument('<name>', 'stream name or ARN')
    .option('--retention-hours <number>', 'how long records are kept', parseWhole(24))
    .addOption(
      new Option(
        '--mode <mode>',
        'who chooses the number of shards: you, or the server by the traffic',
      ).choices(Object.keys(MODES)),
    )
    .addOption(
      new Option(
        '--shard-metrics <state>',
        'count the records, bytes and refusals of each shard (nagare shard hot)',
      ).choices(['on', 'off']),
    )
    .addHelpText('after', '\nExample:\n  nagare stream update orders --retention-hours 48 --mode on-demand');
  withYes(command, 'let records expire that a shorter retention does not keep');
  return withServer(withJson(command)).action(async (name: string, flags: UpdateFlags) => {
    const { retentionHours, mode, shardMetrics } = flags;
    if (retentionHours === undefined && mode === undefined && shardMetrics === undefined) {
      throw usageError(
        'nothing to change: name at least one of --retention-hours, --mode and --shard-metrics',
        'nagare help stream update',
      );
    }
    const server = await serverOf(flags, terminal);
    const before = await summaryOf(server, name);
    confirmShorter(name, before, flags);
    const changed: string[] = [];
    for (const { operation, input, says } of changesOf(before, flags)) {
      await kinesis(server, operation, { ...streamOf(name), ...input });
      await untilActive(server, name);
      changed.push(says);
    }
    const after = await untilActive(server, name);
    const text = changed.length === 0 ? `${name} is like this already` : `${name} ${changed.join(', ')}`;
    printResult(terminal, flags, text, after);
  });
}

interface Change {
  readonly operation: string;
  readonly input: object;
  readonly says: string;
}

/** None for what the stream is like already. */
function changesOf(before: Summary, { retentionHours, mode, shardMetrics }: UpdateFlags): Change[] {
  return [
    ...(retentionHours === undefined ? [] : retentionChange(before, retentionHours)),
    ...(mode === undefined ? [] : modeChange(before, MODES[mode])),
    ...(shardMetrics === undefined ? [] : metricsChange(before, shardMetrics)),
  ];
}

function retentionChange({ RetentionPeriodHours: before = 24 }: Summary, hours: number): Change[] {
  if (hours === before) return [];
  const operation = hours > before ? 'IncreaseStreamRetentionPeriod' : 'DecreaseStreamRetentionPeriod';
  const says = `keeps records for ${hours} h (before: ${before} h)`;
  return [{ operation, input: { RetentionPeriodHours: hours }, says }];
}

function modeChange({ StreamARN, StreamModeDetails }: Summary, StreamMode: string): Change[] {
  if (StreamModeDetails?.StreamMode === StreamMode) return [];
  // It takes no name.
  const input = { StreamName: undefined, StreamARN, StreamModeDetails: { StreamMode } };
  return [{ operation: 'UpdateStreamMode', input, says: `is in mode ${StreamMode}` }];
}

function metricsChange({ EnhancedMonitoring = [] }: Summary, state: 'on' | 'off'): Change[] {
  const measured = EnhancedMonitoring.flatMap(({ ShardLevelMetrics = [] }) => ShardLevelMetrics);
  if (state === 'off' && measured.length === 0) return [];
  const operation = state === 'on' ? 'EnableEnhancedMonitoring' : 'DisableEnhancedMonitoring';
  const says = state === 'on' ? 'measures its shards' : 'measures its shards no more';
  return [{ operation, input: { ShardLevelMetrics: ['ALL'] }, says }];
}

function confirmShorter(name: string, { RetentionPeriodHours = 0 }: Summary, flags: UpdateFlags): void {
  const { retentionHours: hours = Infinity } = flags;
  if (hours >= RetentionPeriodHours) return;
  confirmed(flags, `this lets records of ${name} expire that are older than ${hours} h`);
}
