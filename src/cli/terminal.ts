import { UserError } from '../errors.ts';

/** What a command may touch of the process it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Writes a line (or several) on standard output. */
  print(text: string): void;
  /** The same on standard error, for what went wrong. */
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

/** Reports an error that the user can fix: its message on standard error, without a stack; the exit code is 1. */
export class CommandError extends UserError {
  override readonly name = 'CommandError';
}
