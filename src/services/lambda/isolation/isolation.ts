import { constants } from 'node:os';

/**
 * How strongly functions are separated from the server and from each other.
 * strict: another user in separate namespaces; sees only its code, the system's programs, a private /tmp and itself.
 * user: another user, who cannot use the server's files or processes.
 * off: an ordinary child process; a function may do whatever the server's user may do.
 */
export type IsolationLevel = 'strict' | 'user' | 'off';

/** A program to run in isolation. `command`, `args` and `folder` are paths as the program sees them. */
export interface IsolatedProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of a zip's unpacked code, visible to the program as `taskFolder`. */
  readonly code: string | undefined;
  /** Folder with the files of the function's layers, visible to the program as `optFolder`. */
  readonly opt: string | undefined;
  /** Other files and folders of this machine that it reads, under their own paths. Missing ones are skipped. */
  readonly reads: readonly string[];
  /** Folder of compiled code, read-only for the program, visible to it as `compiledFolder`. */
  readonly compiled: string | undefined;
  /** Limit on private writable memory, mapped or used: RLIMIT_DATA. */
  readonly dataBytesMax: number;
}

/** The command to start instead of the program. */
export interface IsolatedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The user and group of leftover processes once the process group has ended. */
  readonly userId?: number;
  /** Translates the exit of the command to the exit of the program. */
  exitOf(code: number | null, signal: string | null): ProgramExit;
  /** Call it when the process has ended. */
  release(): void;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Isolation {
  readonly level: IsolationLevel;
  /** The path at which a function sees the code stored in `folder`. */
  taskFolder(folder: string): string;
  /** The path at which a function sees the files of its layers: /opt where it has a root of its own. */
  optFolder(folder: string): string;
  /** The path at which a function sees the compiled code stored in `folder`. */
  compiledFolder(folder: string): string;
  /** Users that functions run as, other than the server's. */
  readonly userIds: readonly number[];
  /** Whether functions can execute a program of this machine. */
  reaches(path: string): boolean;
  command(program: IsolatedProgram): IsolatedCommand;
}

/** No isolation: a function has the rights of the server's user. */
export const noIsolation: Isolation = {
  level: 'off',
  taskFolder: (folder) => folder,
  optFolder: (folder) => folder,
  compiledFolder: (folder) => folder,
  userIds: [],
  reaches: () => true,
  command: ({ command, args, folder, environment }) => ({
    command,
    args,
    folder,
    environment: { ...ownFolders(), ...environment },
    exitOf: asItIs,
    release: () => {},
  }),
};

function ownFolders(): Record<string, string> {
  const { HOME, TMPDIR } = process.env;
  return { ...(HOME === undefined ? {} : { HOME }), ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

export function asItIs(code: number | null, signal: string | null): ProgramExit {
  return { code, signal };
}

/** Of two names for one signal (SIGIOT is SIGABRT), keep the first, which is the usual one. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .toReversed(),
);

/** A shell that waits for a program reports a signal that killed it as exit code 128 + the signal's number. */
export function exitToldByShell(code: number | null, signal: string | null): ProgramExit {
  // Exit code 129 (hangup) is excluded: Lambda's own Node.js runtime uses it, and no hangup reaches a function.
  const killedBy = code === null || code <= 129 ? undefined : SIGNALS.get(code - 128);
  return killedBy === undefined ? { code, signal } : { code: null, signal: killedBy };
}
