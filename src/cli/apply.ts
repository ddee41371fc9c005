import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { configFile } from '../config/settings.ts';
import { APPLY_PATH, type ApplyRequest } from '../server/apply.ts';
import type { Applied, PlannedStep } from '../server/declare.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { explained } from './explain.ts';
import type { OutputFlags } from './output/output.ts';
import { CommandError, exitCodes, type Terminal } from './terminal.ts';
import { ownCommand } from './own-routes.ts';

type ApplyFlags = ServerFlags &
  OutputFlags & {
    readonly dryRun?: boolean;
    readonly prune?: boolean;
    readonly allowReshard?: boolean;
  };

type DiffFlags = ServerFlags & OutputFlags & { readonly prune?: boolean };

/** `nagare diff`: whether a running server has what a file declares. */
export function diffCommand(terminal: Terminal): Command {
  const command = new Command('diff')
    .description('print what nagare apply would do; exit code 3 if there is something')
    .argument('[file]', 'the file with the declarations; its settings are ignored', configFile.fallback)
    .option('--prune', 'with what apply --prune would delete')
    .option('--json', 'print the steps as JSON');
  return withServer(command).action(async (file: string, flags: DiffFlags) => {
    const { steps, problems } = await planOf(file, { ...flags, dryRun: true }, terminal);
    if (problems.length > 0) throw new CommandError(problems.join('\n'));
    const changes = steps.filter(
      ({ action }) => action !== 'leave' && (action !== 'keep' || flags.prune === true),
    );
    if (flags.json === true) terminal.print(JSON.stringify(changes, null, 2));
    else for (const step of changes) terminal.print(lineOf(step));
    if (changes.length === 0) return;
    throw new CommandError(`${changes.length} of ${steps.length} resources differ`, {
      exitCode: exitCodes.differs,
      remedy: `nagare apply ${file}`,
    });
  });
}

/** `nagare apply`: makes a running server match what a file declares. */
export function applyCommand(terminal: Terminal): Command {
  const command = new Command('apply')
    .description('create and change what a file declares, on a running server')
    .argument('[file]', 'the file with the declarations; its settings are ignored', configFile.fallback)
    .option('--dry-run', 'print the plan without changing anything')
    .option('--prune', 'delete resources that were declared before and no longer are')
    .option('--allow-reshard', 'allow streams to end up with fewer shards')
    .option('--json', 'print the steps as JSON');
  return withServer(command).action(async (file: string, flags: ApplyFlags) => {
    const { dryRun = false } = flags;
    const { steps, problems } = await planOf(file, flags, terminal);
    if (flags.json === true) terminal.print(JSON.stringify({ dryRun, steps }, null, 2));
    else printSteps(steps, flags, terminal);
    if (problems.length > 0) throw new CommandError(problems.join('\n'));
  });
}

function printSteps(
  steps: Applied['steps'],
  { dryRun = false, quiet }: ApplyFlags,
  terminal: Terminal,
): void {
  for (const step of steps) if (step.action !== 'leave') terminal.print(lineOf(step));
  const left = steps.filter(({ action }) => action === 'leave').length;
  if (steps.length > 0 && quiet !== true)
    terminal.print(`${left} unchanged${dryRun ? '; this was a dry run' : ''}`);
}

async function planOf(file: string, flags: ApplyFlags, terminal: Terminal): Promise<Applied> {
  const path = resolve(terminal.workingFolder, file);
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw explained(error, `cannot read ${file}`);
  });
  const { dryRun = false, prune = false, allowReshard = false } = flags;
  const name = relative(terminal.workingFolder, path);
  const request = { name, content, baseDir: dirname(path), dryRun, prune, allowReshard };
  return askServer(await serverOf({ config: file, ...flags }, terminal), request);
}

function lineOf({ action, resource, details }: PlannedStep): string {
  const more = details === undefined ? '' : ` (${details})`;
  if (action === 'keep') return `keep    ${resource} (no longer declared; --prune deletes it)`;
  return `${action}  ${resource}${more}`;
}

async function askServer(server: RunningServer, content: ApplyRequest): Promise<Applied> {
  // A server of this version answers in this form.
  return (await ownCommand(server, { path: APPLY_PATH, command: 'apply', content })) as Applied;
}
