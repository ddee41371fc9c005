import { run } from '../../src/cli/program.ts';
import { silentTerminal, type Terminal } from '../../src/cli/terminal.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface CommandOptions {
  /** What it gets on standard input. */
  readonly input?: string | AsyncIterable<Uint8Array>;
  /** The width of a terminal; the output is a pipe unless given. */
  readonly columns?: number;
  /** Interrupts it. */
  readonly signal?: AbortSignal;
  readonly workingFolder?: string;
  /** Called with what it has printed so far. */
  readonly onOutput?: (output: string) => void;
}

export interface CommandResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command line of nagare inside the test's process. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { signal = new AbortController().signal, input, columns, onOutput } = options;
  let output = '';
  let errors = '';
  const append = (text: string): void => {
    output += text;
    onOutput?.(output);
  };
  const terminal: Terminal = {
    ...silentTerminal,
    environment,
    workingFolder: options.workingFolder ?? (await temporaryFolder()),
    columns,
    print: (text) => append(`${text}\n`),
    complain: (text) => (errors += `${text}\n`),
    write: (bytes) => Promise.resolve(append(Buffer.from(bytes).toString())),
    input: () => (typeof input === 'string' ? once(Buffer.from(input)) : input),
    untilInterrupted: () => signal,
  };
  return { code: await run(args, terminal), output, errors };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
