import { Command, CommanderError } from 'commander';
import { applyCommand } from './apply.ts';
import { backupCommand } from './backup.ts';
import { clockCommand } from './clock.ts';
import { deliveryCommand } from './delivery.ts';
import { doctorCommand } from './doctor.ts';
import { explain } from './explain.ts';
import { keyCommand } from './key.ts';
import { logCommand } from './log.ts';
import { logsCommand } from './logs.ts';
import { repairCommand } from './repair.ts';
import { scrubCommand } from './scrub.ts';
import { startCommand } from './start.ts';
import type { Terminal } from './terminal.ts';
import { verifyCommand } from './verify.ts';
import { version } from '../support/version.ts';

/** Runs a command line; resolves with the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('nagare')
    .description('a stream server for your own machines, compatible with the AWS APIs')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    })
    .showSuggestionAfterError()
    .addCommand(startCommand(terminal))
    .addCommand(applyCommand(terminal))
    .addCommand(logsCommand(terminal))
    .addCommand(logCommand(terminal))
    .addCommand(deliveryCommand(terminal))
    .addCommand(clockCommand(terminal))
    .addCommand(keyCommand(terminal))
    .addCommand(backupCommand(terminal))
    .addCommand(doctorCommand(terminal))
    .addCommand(verifyCommand(terminal))
    .addCommand(repairCommand(terminal))
    .addCommand(scrubCommand(terminal));
  overrideExit(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // commander has already printed the message.
    if (error instanceof CommanderError) return error.exitCode;
    const explanation = explain(error);
    if (explanation === undefined) throw error;
    for (const line of explanation.split('\n')) terminal.complain(`nagare: ${line}`);
    return 1;
  }
}

/** commander's exitOverride does not apply to commands that were created separately. */
function overrideExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().copyInheritedSettings(command);
    overrideExit(child);
  }
}
