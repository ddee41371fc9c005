import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { CLUSTER_PATH } from '../server/command.ts';
import type { ClusterHealth } from '../server/health.ts';
import { noneAnswers, type RunningServer, type ServerFlags, serversOf, withServer } from './api.ts';
import { clusterExportCommand, clusterImportCommand } from './cluster-move.ts';
import { jsonOf, nameOf, NoAnswerError } from './connect/send.ts';
import { cliLimits } from './limits.ts';
import { type OutputFlags, printResult, printRows, say, withJson, withRows } from './output/output.ts';
import { restoreCommand } from './restore.ts';
import { CommandError, type Terminal, usageError } from './terminal.ts';
import { ownCommand, ownRoute, refusal } from './own-routes.ts';

type ClusterFlags = ServerFlags & OutputFlags;

/** A machine of the cluster; only its URL if it does not answer. */
type Machine = { readonly url: string } & Partial<ClusterHealth>;

/** `nagare cluster`: the machines that share a log. */
export function clusterCommand(terminal: Terminal): Command {
  const command = new Command('cluster').description(
    'show and move the ownership of a shared log, take snapshots of it, restore from them, and move data into it and out of it',
  );
  command.addCommand(statusCommand(terminal));
  command.addCommand(promoteCommand(terminal));
  command.addCommand(demoteCommand(terminal));
  command.addCommand(snapshotCommand(terminal));
  command.addCommand(clusterImportCommand(terminal));
  command.addCommand(clusterExportCommand(terminal));
  command.addCommand(restoreCommand(terminal));
  return command;
}

function statusCommand(terminal: Terminal): Command {
  const command = new Command('status')
    .description('show the role, the term and the lag of machines, and who owns the shared log')
    .addHelpText('after', '\nExample:\n  nagare cluster status --endpoint-url http://n1:4566,http://n2:4566');
  return withServer(withRows(command)).action(async (flags: ClusterFlags) => {
    const servers = await serversOf(flags, terminal);
    const machines = await statusOf(servers);
    printRows(
      terminal,
      flags,
      [
        { title: 'url', of: ({ url }) => url },
        { title: 'role', of: ({ role }) => role ?? 'no answer' },
        { title: 'term', align: 'right', of: ({ term }) => term },
        { title: 'lag', align: 'right', of: ({ lag }) => lag },
        {
          title: 'serving',
          of: ({ serving }) => (serving === undefined ? undefined : serving ? 'yes' : 'no'),
        },
        { title: 'waiting', align: 'right', of: ({ waiting }) => waiting },
        { title: 'owner', of: ({ owner }) => owner ?? undefined },
        { title: 'durability', of: ({ durability }) => durability },
        {
          title: 'snapshot age',
          align: 'right',
          of: ({ snapshots }) =>
            snapshots?.ageSeconds === undefined || snapshots.ageSeconds === null
              ? undefined
              : `${snapshots.ageSeconds} s`,
        },
        {
          title: 'differs',
          of: ({ differences = [] }) => differences.map(({ setting }) => setting).join(', ') || undefined,
        },
      ],
      machines,
    );
  });
}

function promoteCommand(terminal: Terminal): Command {
  const command = new Command('promote').description(
    'make the machine at --endpoint-url the owner of the shared log, once it has caught up; requests wait meanwhile',
  );
  return withServer(withJson(command)).action(async (flags: ClusterFlags) => {
    const [server, ...others] = await serversOf(flags, terminal);
    if (server === undefined || others.length > 0)
      throw usageError('promote needs one --endpoint-url: the machine that becomes the owner');
    await order(server, 'promote');
    const deadline = performance.now() + cliLimits.promoteMs;
    for (;;) {
      const [machine] = await statusOf([server]);
      if (machine === undefined) throw new NoAnswerError(server);
      if (machine.serving === true)
        return printResult(terminal, flags, `${machine.url} owns the shared log`, machine);
      if (performance.now() > deadline)
        throw new CommandError(`${machine.url} did not become the owner`, { why: 'its log says more' });
      await sleep(cliLimits.statePollMs);
    }
  });
}

function demoteCommand(terminal: Terminal): Command {
  const command = new Command('demote').description(
    'let the owner leave the ownership to another machine, and stay as a standby',
  );
  return withServer(withJson(command)).action(async (flags: ClusterFlags) => {
    const servers = await serversOf(flags, terminal);
    const machines = await statusOf(servers);
    const at = machines.findIndex(({ role }) => role === 'owner');
    const owner = servers[at];
    if (owner === undefined) {
      const known = machines.find((machine) => machine.owner !== undefined && machine.owner !== null)?.owner;
      throw new CommandError(`none of these machines is the owner: ${servers.map(nameOf).join(', ')}`, {
        ...(known !== undefined && known !== null && { remedy: `--endpoint-url ${known}` }),
      });
    }
    const left = await order(owner, 'demote');
    say(terminal, flags, 'another machine takes over now');
    printResult(terminal, flags, `${nameOf(owner)} is a standby`, left);
  });
}

function snapshotCommand(terminal: Terminal): Command {
  const command = new Command('snapshot').description(
    'let the machine at --endpoint-url take a snapshot of the shared log now, and wait until it is complete',
  );
  return withServer(withJson(command)).action(async (flags: ClusterFlags) => {
    const [server, ...others] = await serversOf(flags, terminal);
    if (server === undefined || others.length > 0)
      throw usageError('snapshot needs one --endpoint-url: the machine that takes it');
    const before = (await statusAt(server)).snapshots?.position ?? -1;
    await order(server, 'snapshot');
    for (;;) {
      const { snapshots } = await statusAt(server);
      const position = snapshots?.position ?? -1;
      if (snapshots?.writing === false) {
        const [problem] = snapshots.problems;
        if (position > before)
          return printResult(terminal, flags, `a snapshot up to position ${position} is complete`, snapshots);
        throw new CommandError(problem ?? `${nameOf(server)} took no snapshot`, {
          why: 'another machine may be taking one, or this machine is behind the newest one',
        });
      }
      await sleep(cliLimits.statePollMs);
    }
  });
}

/** Throws CommandError if none answers. */
async function statusOf(servers: readonly RunningServer[]): Promise<Machine[]> {
  const answers = await Promise.allSettled(servers.map(async (server) => statusAt(server)));
  const failed = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as unknown] : [],
  );
  if (failed.length === answers.length) throw servers.length === 1 ? failed[0] : noneAnswers(servers);
  return servers.map((server, at) => {
    const answer = answers[at];
    const status = answer?.status === 'fulfilled' ? answer.value : undefined;
    return { url: nameOf(server), ...status };
  });
}

async function statusAt(server: RunningServer): Promise<ClusterHealth> {
  const answer = await ownRoute(server, CLUSTER_PATH);
  if (answer.status === 404) {
    throw new CommandError(`${nameOf(server)} shares no log`, {
      why: 'it was started without --shared-log',
    });
  }
  // The server answers with its own report.
  const output = jsonOf(answer);
  if (answer.ok && typeof output === 'object') return output as ClusterHealth;
  throw refusal(server, answer);
}

function order(server: RunningServer, command: 'promote' | 'demote' | 'snapshot'): Promise<object> {
  return ownCommand(server, { path: CLUSTER_PATH, command });
}
