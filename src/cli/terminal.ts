import { UserError } from '../errors.ts';

/** The parts of its process that a command may use. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Writes one or more lines to standard output. */
  print(text: string): void;
  /** Writes to standard error. */
  complain(text: string): void;
}

// The reader of the output may stop (`nagare start | head`): that ends the output, not the server.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

export const processTerminal: Terminal = {
  environment: process.env,
  workingFolder: process.cwd(),
  print(text) {
    process.stdout.write(`${text}\n`);
  },
  complain(text) {
    process.stderr.write(`${text}\n`);
  },
};

/** An error that the user can fix: the message goes to standard error, without a stack; the exit code is 1. */
export class CommandError extends UserError {
  override readonly name = 'CommandError';
}
