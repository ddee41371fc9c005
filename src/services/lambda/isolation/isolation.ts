import { constants } from 'node:os';

/**
 * How far functions are kept from the server and from each other.
 *
 * strict: another user, in namespaces of its own: it sees its code, the system's programs, a private /tmp, itself.
 * user:   another user, who cannot use the server's files or processes.
 * off:    a process as the server is one; whatever the server's user may do, a function may.
 */
export type IsolationLevel = 'strict' | 'user' | 'off';

/** A program to run in isolation. Paths of `command`, `args` and `folder` are those that it sees itself. */
export interface IsolatedProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The unpacked code of a zip: it is seen as `taskFolder` says. */
  readonly code: string | undefined;
  /** Other files and folders of this machine that it reads, under their own paths. Missing ones are left out. */
  readonly reads: readonly string[];
  /** Compiled code for it to read: it is seen as `compiledFolder` says. */
  readonly compiled: string | undefined;
  /** Of private writable memory, mapped or used: RLIMIT_DATA. */
  readonly dataBytesMax: number;
}

/** What to start in its stead. */
export interface IsolatedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The user and group that own what is left of it when its process group is gone. */
  readonly userId?: number;
  /** How the program itself ended. */
  exitOf(code: number | null, signal: string | null): ProgramExit;
  /** Call it when the process is gone. */
  release(): void;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Isolation {
  readonly level: IsolationLevel;
  /** The folder as which a function sees the code that lies in `folder`. */
  taskFolder(folder: string): string;
  /** The folder as which a function sees the compiled code that lies in `folder`. */
  compiledFolder(folder: string): string;
  /** Users that functions run as, besides the server's. */
  readonly userIds: readonly number[];
  /** Whether functions can use a program of this machine. */
  reaches(path: string): boolean;
  command(program: IsolatedProgram): IsolatedCommand;
}

/** As the server itself: a function has the rights of the server's user. */
export const noIsolation: Isolation = {
  level: 'off',
  taskFolder: (folder) => folder,
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

/** Of two names of a signal (SIGIOT is SIGABRT) the first is the usual one. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .toReversed(),
);

/** A shell that waits for a program tells the signal that killed it as 128 and its number. */
export function exitToldByShell(code: number | null, signal: string | null): ProgramExit {
  // 129 is an exit code of Lambda's own runtime for Node.js, and a hangup reaches no function.
  const killedBy = code === null || code <= 129 ? undefined : SIGNALS.get(code - 128);
  return killedBy === undefined ? { code, signal } : { code: null, signal: killedBy };
}
