import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { configFile } from '../config/settings.ts';
import { APPLY_PATH, type ApplyRequest } from '../server/apply.ts';
import { COMMAND_HEADER } from '../server/command.ts';
import type { Applied, PlannedStep } from '../server/declare.ts';
import { noServer, post, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { explained } from './explain.ts';
import { CommandError, type Terminal } from './terminal.ts';

type ApplyFlags = ServerFlags & {
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly allowReshard?: boolean;
};

/** `nagare apply`: makes a running server match what a file declares. */
export function applyCommand(terminal: Terminal): Command {
  const command = new Command('apply')
    .description('create and change what a file declares, on a running server')
    .argument('[file]', 'the file with the declarations; its settings are ignored', configFile.fallback)
    .option('--dry-run', 'print the plan without changing anything')
    .option('--prune', 'delete resources that were declared before and no longer are')
    .option('--allow-reshard', 'allow streams to end up with fewer shards');
  return withServer(command).action(async (file: string, flags: ApplyFlags) => {
    const path = resolve(terminal.workingFolder, file);
    const content = await readFile(path, 'utf8').catch((error: unknown) => {
      throw explained(error, `cannot read ${file}`);
    });
    const { dryRun = false, prune = false, allowReshard = false } = flags;
    const name = relative(terminal.workingFolder, path);
    const request = { name, content, baseDir: dirname(path), dryRun, prune, allowReshard };
    const { steps, problems } = await askServer(
      await serverOf({ config: file, ...flags }, terminal),
      request,
    );
    for (const step of steps) if (step.action !== 'leave') terminal.print(lineOf(step));
    const left = steps.filter(({ action }) => action === 'leave').length;
    if (steps.length > 0) terminal.print(`${left} unchanged${dryRun ? '; this was a dry run' : ''}`);
    if (problems.length > 0) throw new CommandError(problems.join('\n'));
  });
}

function lineOf({ action, resource, details }: PlannedStep): string {
  const more = details === undefined ? '' : ` (${details})`;
  if (action === 'keep') return `keep    ${resource} (no longer declared; --prune deletes it)`;
  return `${action}  ${resource}${more}`;
}

async function askServer(server: RunningServer, content: ApplyRequest): Promise<Applied> {
  const headers = { 'content-type': 'application/json', [COMMAND_HEADER]: 'apply' };
  let answer: Response;
  try {
    answer = await post(server, { path: APPLY_PATH, service: 'nagare', headers, content });
  } catch {
    throw noServer(server);
  }
  const output: unknown = await answer.json().catch(() => undefined);
  // A server of this version answers in this form.
  if (typeof output === 'object' && output !== null && 'steps' in output) return output as Applied;
  throw new CommandError(`${server.endpoint} answered ${answer.status}`);
}
