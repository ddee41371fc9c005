import { once } from 'node:events';
import { UserError } from '../errors.ts';
import { hasErrorCode, reasonOf } from '../support/errno.ts';

/** The parts of its process that a command may use. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** How wide standard output is; undefined if it is a pipe or a file. */
  readonly columns: number | undefined;
  /** Whether a person sees standard error. */
  readonly showsErrors: boolean;
  /** Writes one or more lines to standard output. */
  print(text: string): void;
  /** Writes to standard error. */
  complain(text: string): void;
  /** Rewrites the last line on standard error, if a person sees it. */
  rewrite(text: string): void;
  /** Writes to standard output; resolves when there is room for more. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Standard input; undefined if it is a person's keyboard. */
  input(): AsyncIterable<Uint8Array> | undefined;
  /** Aborts on Ctrl-C, on SIGTERM, and when nothing reads standard output any more. */
  untilInterrupted(): AbortSignal;
}

/** Shows nothing, has no input and is never interrupted: for what reads the commands without running them in a terminal. */
export const silentTerminal: Terminal = {
  environment: {},
  workingFolder: '.',
  columns: undefined,
  showsErrors: false,
  print: () => undefined,
  complain: () => undefined,
  rewrite: () => undefined,
  write: () => Promise.resolve(),
  input: () => undefined,
  untilInterrupted: () => new AbortController().signal,
};

/** Why `untilInterrupted` has aborted. */
export const OUTPUT_CLOSED = 'nothing reads the output';

const interruption = new AbortController();

// The reader of the output may stop (`nagare start | head`): that ends the output, not the server.
// A full disk ends it too, and is a failure: what was printed is not there.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!hasErrorCode(error, 'EPIPE') && !interruption.signal.aborted) {
      process.exitCode = exitCodes.failed;
      if (stream === process.stdout) processTerminal.complain(`nagare: cannot write: ${reasonOf(error)}`);
    }
    interruption.abort(OUTPUT_CLOSED);
  });
}

export const processTerminal: Terminal = {
  environment: process.env,
  workingFolder: process.cwd(),
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  },
  get showsErrors() {
    return process.stderr.isTTY;
  },
  print(text) {
    process.stdout.write(`${text}\n`);
  },
  complain(text) {
    process.stderr.write(`${text}\n`);
  },
  rewrite(text) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  },
  async write(bytes) {
    if (interruption.signal.aborted || process.stdout.write(bytes)) return;
    await once(process.stdout, 'drain', { signal: interruption.signal }).catch(() => undefined);
  },
  input() {
    return process.stdin.isTTY ? undefined : process.stdin;
  },
  untilInterrupted() {
    process.once('SIGINT', () => interruption.abort('SIGINT'));
    process.once('SIGTERM', () => interruption.abort('SIGTERM'));
    return interruption.signal;
  },
};

/** Exit codes of all commands, in docs/commands.md and `nagare help exit-codes`. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  differs: 3,
  notFound: 4,
  throttled: 5,
  unauthorised: 6,
  interrupted: 130,
} as const;

export interface CommandErrorFacts {
  readonly exitCode?: (typeof exitCodes)[keyof typeof exitCodes];
  readonly why?: string;
  /** A command that helps. */
  readonly remedy?: string;
}

/** An error that the user can fix: it goes to standard error, without a stack. */
export class CommandError extends UserError {
  override readonly name: string = 'CommandError';
  readonly exitCode: number;
  readonly why: string | undefined;
  readonly remedy: string | undefined;

  constructor(message: string, { exitCode = exitCodes.failed, why, remedy }: CommandErrorFacts = {}) {
    super(message);
    this.exitCode = exitCode;
    this.why = why;
    this.remedy = remedy;
  }
}

/** The command line itself is wrong. */
export function usageError(message: string, remedy?: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage, ...(remedy !== undefined && { remedy }) });
}

/** Ends a command that was interrupted, without a message. */
export class InterruptedError extends CommandError {
  override readonly name = 'InterruptedError';

  constructor(signal: AbortSignal) {
    super('interrupted', {
      exitCode: signal.reason === OUTPUT_CLOSED ? exitCodes.done : exitCodes.interrupted,
    });
  }
}
