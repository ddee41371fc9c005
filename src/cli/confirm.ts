import type { Command } from 'commander';
import { quoted } from '../support/shell-word.ts';
import { CommandError, exitCodes } from './terminal.ts';

export interface ConfirmFlags {
  readonly yes?: true;
}

/** Adds the flag without which a command that destroys something only says what it would do. */
export function withYes(command: Command, meaning = 'do it'): Command {
  return command.option('--yes', meaning);
}

/** Nothing was done, because the user has not said `--yes`. */
export class UnconfirmedError extends CommandError {
  override readonly name = 'UnconfirmedError';

  constructor(effect: string) {
    super(effect, { exitCode: exitCodes.usage, why: 'nothing was changed: --yes is missing' });
  }
}

/** Throws UnconfirmedError unless the user has confirmed. `effect`: `this deletes orders with all its records`. */
export function confirmed({ yes }: ConfirmFlags, effect: string): void {
  if (yes !== true) throw new UnconfirmedError(effect);
}

/** The command line again, with `--yes`. */
export function confirmedLine(args: readonly string[]): string {
  const end = args.indexOf('--');
  const at = end === -1 ? args.length : end;
  return ['nagare', ...[...args.slice(0, at), '--yes', ...args.slice(at)].map(quoted)].join(' ');
}
