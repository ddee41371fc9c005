import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { callRest, isAws, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { confirmed, withYes, type ConfirmFlags } from './confirm.ts';
import { formatCount } from '../support/findings.ts';
import { cliLimits } from './limits.ts';
import { factsText } from './output/facts.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from './output/output.ts';
import { CommandError, type Terminal } from './terminal.ts';

const PATH = '/2015-03-31/event-source-mappings';
const SEQUENCE_NUMBER = /^\d{20,}$/;

type Flags = ServerFlags & OutputFlags;
type MoveFlags = Flags & ConfirmFlags & { readonly shard?: string };

interface Mapping {
  readonly UUID: string;
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  readonly State: string;
  /** Of a stream. */
  readonly LastProcessingResult?: string;
}

interface Blockage {
  readonly ShardId: string;
  readonly Records: number;
  readonly FromSequenceNumber?: string;
  readonly ToSequenceNumber?: string;
  readonly WindowStart?: string;
}

interface Progress {
  readonly Shards: readonly { readonly Blockages: readonly Blockage[] }[];
}

/** `nagare mapping`: the event source mappings of Lambda. */
export function mappingCommand(terminal: Terminal): Command {
  const command = new Command('mapping').description('manage event source mappings of Lambda');
  command.addCommand(listCommand(terminal));
  command.addCommand(describeCommand(terminal));
  command.addCommand(enableCommand(terminal, 'pause', 'stop invoking the function; the position is kept'));
  command.addCommand(enableCommand(terminal, 'resume', 'go on where the mapping was paused'));
  command.addCommand(bisectCommand(terminal));
  command.addCommand(rewindCommand(terminal));
  command.addCommand(skipCommand(terminal));
  return command;
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list mappings with their states');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const mappings: Mapping[] = [];
    let marker: string | undefined;
    do {
      const query = marker === undefined ? '' : `?Marker=${encodeURIComponent(marker)}`;
      const page = await lambda<{ EventSourceMappings: readonly Mapping[]; NextMarker?: string }>(
        server,
        'GET',
        query,
      );
      mappings.push(...page.EventSourceMappings);
      marker = page.NextMarker;
    } while (marker !== undefined);
    const columns = [
      { title: 'uuid', of: (mapping: Mapping) => mapping.UUID },
      { title: 'source', of: sourceOf },
      { title: 'function', of: functionOf },
      { title: 'state', of: (mapping: Mapping) => mapping.State },
      { title: 'last result', of: (mapping: Mapping) => mapping.LastProcessingResult },
    ];
    printRows(terminal, flags, columns, mappings);
  });
}

function sourceOf({ EventSourceArn }: Mapping): string {
  return EventSourceArn.slice(EventSourceArn.search(/[^:/]+(\/consumer\/.*)?$/));
}

function functionOf({ FunctionArn }: Mapping): string {
  return FunctionArn.slice(FunctionArn.indexOf(':function:') + ':function:'.length);
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show a mapping, its position in each shard, and the batches that fail')
    .argument('<uuid>');
  return withServer(withJson(command)).action(async (uuid: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const mapping = await lambda<Mapping>(server, 'GET', pathOf(uuid));
    // Mappings of queues have no positions, and AWS does not tell them.
    const hasPositions = mapping.EventSourceArn.includes(':stream/') && !isAws(server);
    const progress = hasPositions && (await lambda<Progress>(server, 'GET', `${pathOf(uuid)}/progress`));
    const described = { ...mapping, ...(progress && { Progress: progress }) };
    printResult(terminal, flags, factsText(described), described);
  });
}

function enableCommand(terminal: Terminal, name: 'pause' | 'resume', description: string): Command {
  const command = new Command(name).description(description).argument('<uuid>');
  return withServer(withJson(command)).action(async (uuid: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    await lambda(server, 'PUT', pathOf(uuid), { Enabled: name === 'resume' });
    const state = await settledState(server, uuid);
    printResult(terminal, flags, `${uuid} is ${state}`, { UUID: uuid, State: state });
  });
}

function bisectCommand(terminal: Terminal): Command {
  const command = new Command('bisect')
    .description('halve the batches that fail, until only the records that make them fail are left')
    .argument('<uuid>')
    .option('--off', 'try failing batches as a whole again');
  return withServer(withJson(command)).action(
    async (uuid: string, flags: Flags & { readonly off?: true }) => {
      const server = await serverOf(flags, terminal);
      const BisectBatchOnFunctionError = flags.off !== true;
      await lambda(server, 'PUT', pathOf(uuid), { BisectBatchOnFunctionError });
      const state = await settledState(server, uuid);
      const text = BisectBatchOnFunctionError
        ? `${uuid} halves batches that fail`
        : `${uuid} tries batches that fail as a whole`;
      printResult(terminal, flags, text, { UUID: uuid, State: state, BisectBatchOnFunctionError });
    },
  );
}

function rewindCommand(terminal: Terminal): Command {
  const command = new Command('rewind')
    .description('move a mapping to another position, backward or forward')
    .argument('<uuid>')
    .argument(
      '<position>',
      'trim-horizon, latest, a time such as 2026-11-01T09:30:00Z, or a sequence number (with --shard)',
    )
    .option('--shard <id>', 'only this shard');
  withYes(command, 'do it: records are delivered again or never, and open windows are discarded');
  return withServer(withJson(command)).action(async (uuid: string, position: string, flags: MoveFlags) => {
    const input = { ...positionOf(position), ...(flags.shard !== undefined && { ShardId: flags.shard }) };
    const server = await serverOf(flags, terminal);
    const mapping = await lambda<Mapping>(server, 'GET', pathOf(uuid));
    confirmed(
      flags,
      `this moves ${uuid} (${sourceOf(mapping)} to ${functionOf(mapping)}) to ${position}: records are delivered again or never`,
    );
    await lambda(server, 'POST', `${pathOf(uuid)}/rewind`, input);
    const state = await settledState(server, uuid);
    const result = { UUID: uuid, ...input, State: state };
    printResult(terminal, flags, `${uuid} is at ${position} and ${state}`, result);
  });
}

function skipCommand(terminal: Terminal): Command {
  const command = new Command('skip')
    .description('discard the batches that fail now, as if their retries were exhausted')
    .argument('<uuid>')
    .option('--shard <id>', 'only of this shard');
  withYes(command, 'do it: their records are not delivered to the function any more');
  return withServer(withJson(command)).action(async (uuid: string, flags: MoveFlags) => {
    const server = await serverOf(flags, terminal);
    const { Shards: shards } = await lambda<Progress>(server, 'GET', `${pathOf(uuid)}/progress`);
    const failing = shards
      .flatMap(({ Blockages: blockages }) => blockages)
      .filter(({ ShardId: shardId }) => flags.shard === undefined || shardId === flags.shard);
    if (failing.length === 0) throw new CommandError(`${uuid}: no batch fails now`);
    confirmed(flags, failing.map((blockage) => `this discards ${describe(blockage)}`).join('\n'));
    const input = flags.shard === undefined ? {} : { ShardId: flags.shard };
    const { Skipped: skipped } = await lambda<{ Skipped: readonly Blockage[] }>(
      server,
      'POST',
      `${pathOf(uuid)}/skip`,
      input,
    );
    if (skipped.length === 0) throw new CommandError(`${uuid}: the function has succeeded meanwhile`);
    const text = skipped.map((blockage) => `discarded ${describe(blockage)}`).join('\n');
    printResult(terminal, flags, text, { UUID: uuid, Skipped: skipped });
  });
}

function describe(blockage: Blockage): string {
  const { ShardId, Records, FromSequenceNumber, ToSequenceNumber, WindowStart } = blockage;
  if (WindowStart !== undefined) return `the window of ${WindowStart} in ${ShardId}`;
  return `${formatCount(Records, 'record')} of ${ShardId}, ${FromSequenceNumber} to ${ToSequenceNumber}`;
}

function positionOf(position: string): object {
  const name = position.toUpperCase().replaceAll('-', '_');
  if (name === 'TRIM_HORIZON' || name === 'LATEST') return { StartingPosition: name };
  if (SEQUENCE_NUMBER.test(position)) {
    return { StartingPosition: 'AT_SEQUENCE_NUMBER', SequenceNumber: position };
  }
  const timeMs = /^\d{4}-/.test(position) ? Date.parse(position) : NaN;
  if (Number.isNaN(timeMs)) {
    throw new CommandError(
      `the position is "${position}"; it must be trim-horizon, latest, a time such as 2026-11-01T09:30:00Z, or a sequence number`,
    );
  }
  return { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: timeMs / 1000 };
}

/** Waits until a change has taken effect: invocations in progress finish first. */
async function settledState(server: RunningServer, uuid: string): Promise<string> {
  for (;;) {
    const { State: state } = await lambda<Mapping>(server, 'GET', pathOf(uuid));
    if (state === 'Enabled' || state === 'Disabled') return state;
    await sleep(cliLimits.statePollMs);
  }
}

function pathOf(uuid: string): string {
  return `/${encodeURIComponent(uuid)}`;
}

function lambda<Output>(
  server: RunningServer,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  input?: object,
): Promise<Output> {
  return callRest<Output>(server, {
    service: 'lambda',
    method,
    path: PATH + path,
    input,
    noun: 'mapping',
  });
}
