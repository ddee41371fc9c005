import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';
import { reservePort } from './ports.ts';

export const mainPath = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ServerProcess {
  readonly endpoint: string;
  readonly dataDir: string;
  readonly pid: number;
  /** All that the present process has printed on standard output. */
  readonly output: string;
  readonly errorOutput: string;
  /** SIGKILL, also while it starts: nothing gets a chance to be tidied up. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Sends the signal, and resolves with the exit code when the process has ended. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code when the process ends by itself. */
  untilEnded(): Promise<number | null>;
  /** Resolves when it has printed the text on standard output. */
  untilPrinted(text: string): Promise<void>;
  /** Starts it again on the same folder and port, after `kill` or `stop`. */
  start(): Promise<void>;
  /** Stops it if need be and removes the folder. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SpawnOptions {
  /** Further arguments of `nagare start`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How many files and sockets the process may have open. */
  readonly openFiles?: number;
  /** Runs as this user and group, without rights; only root can do that. */
  readonly userId?: number;
  /** Working folder of the server; the temporary folder, unless given. */
  readonly cwd?: string;
}

/** `nagare start` as a process of its own, as a user runs it: one that can be killed. */
export async function spawnServer(options: SpawnOptions = {}): Promise<ServerProcess> {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  const { userId } = options;
  if (userId !== undefined) await chown(folder, userId, userId);
  // On all addresses it cannot have the same port again for sure.
  const reserved = options.args?.includes('--host') ? undefined : await reservePort();
  let port = reserved?.port ?? 0;
  /** Also one that has not printed its address yet. */
  let newest: ChildProcess | undefined;
  let running = await launch();
  const { endpoint } = running;
  port = Number(new URL(endpoint).port);

  function launch(): Promise<Running> {
    const args = [mainPath, 'start', '--port', String(port), '--data-dir', dataDir, ...(options.args ?? [])];
    const { openFiles } = options;
    const limited = openFiles === undefined ? [] : ['prlimit', `--nofile=${openFiles}`];
    const asUser =
      userId === undefined ? [] : ['setpriv', `--reuid=${userId}`, `--regid=${userId}`, '--clear-groups'];
    const [program = '', ...rest] = [...limited, ...asUser, process.execPath, ...args];
    const child = spawn(program, rest, {
      cwd: options.cwd ?? folder,
      env: { ...withoutSettings(process.env), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    newest = child;
    return untilListening(child);
  }

  async function stop(signal: NodeJS.Signals): Promise<number | null> {
    const child = newest ?? running.child;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  async function close(): Promise<void> {
    await stop('SIGKILL');
    reserved?.release();
    await removeFolder(folder);
  }

  return {
    endpoint,
    dataDir,
    get pid() {
      const { pid } = running.child;
      // -1 or 0 in its place would send signals to everyone.
      if (pid === undefined) throw new Error('the server could not be started');
      return pid;
    },
    get output() {
      return running.printed.output;
    },
    get errorOutput() {
      return running.printed.errors;
    },
    async kill() {
      await stop('SIGKILL');
    },
    stop,
    async untilEnded() {
      const { child } = running;
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
    async untilPrinted(text) {
      await until(() => running.printed.output.includes(text), { what: text });
    },
    async start() {
      running = await launch();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the developer has set for a server of their own is not for the test's. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('NAGARE_')));
}

interface Running {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly printed: { output: string; errors: string };
}

/** Resolves with the address that the server prints; rejects with all it said when it ends instead. */
function untilListening(child: ChildProcess): Promise<Running> {
  const printed = { output: '', errors: '' };
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed.output += chunk.toString();
      const address = /https?:\/\/\S+:\d+(?=\s)/.exec(printed.output)?.[0];
      // With TLS it answers without it as well, which is what most tests speak.
      const endpoint = address?.replace('https:', 'http:');
      if (endpoint !== undefined) resolve({ child, endpoint, printed });
    });
    child.stderr?.on('data', (chunk: Buffer) => (printed.errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) =>
      reject(new Error(`the server ended (${code ?? signal})\n${printed.output}${printed.errors}`)),
    );
  });
}
