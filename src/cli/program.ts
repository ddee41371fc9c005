import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { startCommand } from './start.ts';
import { CommandError, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line; resolves with the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('nagare')
    .description('Streams on your own machines, by the AWS APIs')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .showSuggestionAfterError()
    .addCommand(startCommand(terminal));
  overrideExit(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // commander has told the user what was wrong.
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof CommandError) && !(error instanceof ConfigError)) throw error;
    for (const line of error.message.split('\n')) process.stderr.write(`nagare: ${line}\n`);
    return 1;
  }
}

/** commander's exitOverride does not reach commands that were made elsewhere. */
function overrideExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().copyInheritedSettings(command);
    overrideExit(child);
  }
}
