import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { lambdaLimits } from '../limits.ts';
import { makeFolder } from '../../../support/make-folder.ts';
import { nodejs } from '../runtime/families/nodejs.ts';
import { noIsolation, type Isolation, type IsolationLevel } from './isolation.ts';
import { SYSTEM_PATH } from './shell.ts';
import { StrictIsolation } from './strict.ts';
import { UserIsolation } from './user.ts';

export interface IsolationOptions {
  readonly wanted: IsolationLevel | 'auto';
  /** The folder of Lambda's data: the functions' code, and what isolation needs. */
  readonly folder: string;
  /** Folders above it that belong to the server, outermost first. */
  readonly above: readonly string[];
  /** Files and folders that functions must not see. */
  readonly hidden: readonly string[];
}

/** Why an isolation level is not available on this machine. */
export type IsolationReasons = Partial<Record<'strict' | 'user', string>>;

export interface ChosenIsolation {
  readonly isolation: Isolation;
  /** For the stronger levels that were tried. */
  readonly reasons: IsolationReasons;
}

/** The requested isolation level is not available. */
export class IsolationUnavailableError extends UserError {
  override readonly name = 'IsolationUnavailableError';

  constructor(level: string, reason: string) {
    super(
      `function isolation ${level} is not available: ${reason}. Run \`nagare doctor\` to see what it needs, or use --function-isolation auto for the strongest available level`,
    );
  }
}

/**
 * Tries the levels from the strongest on, or only the requested one. Throws IsolationUnavailableError for a requested
 * level that is not available.
 */
export async function chooseIsolation(options: IsolationOptions): Promise<ChosenIsolation> {
  const { wanted } = options;
  const reasons: { strict?: string; user?: string } = {};
  if (wanted === 'off') return { isolation: noIsolation, reasons };
  for (const level of ['strict', 'user'] as const) {
    if (wanted !== 'auto' && wanted !== level) continue;
    const tried = await tryIsolation(level, options);
    if (typeof tried !== 'string') return { isolation: tried, reasons };
    reasons[level] = tried;
    if (wanted === level) throw new IsolationUnavailableError(level, tried);
  }
  return { isolation: noIsolation, reasons };
}

/** Sets up an isolation level and tests it with a program. Returns the isolation, or why it is not available. */
export async function tryIsolation(
  level: 'strict' | 'user',
  options: Omit<IsolationOptions, 'wanted'>,
): Promise<Isolation | string> {
  if (process.platform !== 'linux') return 'it needs Linux';
  const missing = (level === 'strict' ? STRICT_PROGRAMS : USER_PROGRAMS).filter((name) => !isInstalled(name));
  if (missing.length > 0) return `the programs ${missing.join(', ')} are missing (Debian package util-linux)`;
  const isolation = level === 'strict' ? await strict(options) : await userIsolation(options);
  if (typeof isolation === 'string') return isolation;
  return (await refusalOf(isolation)) ?? isolation;
}

const STRICT_PROGRAMS = ['unshare', 'setpriv', 'mount', 'mkdir', 'sh'];
const USER_PROGRAMS = ['setpriv', 'sh'];

function isInstalled(name: string): boolean {
  return SYSTEM_PATH.split(':').some((folder) => existsSync(join(folder, name)));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function strict({ folder, hidden }: Omit<IsolationOptions, 'wanted'>): Promise<Isolation> {
  const rootFolder = join(folder, 'root');
  await makeFolder(rootFolder);
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const countsProcesses = major > 5 || (major === 5 && minor >= 14);
  return new StrictIsolation({ rootFolder, hidden, asRoot: isRoot(), countsProcesses });
}

async function userIsolation({
  folder,
  above,
}: Omit<IsolationOptions, 'wanted'>): Promise<Isolation | string> {
  if (!isRoot()) return 'only root can run functions as another user';
  try {
    // Create it before anything else does, so that only the functions' group can enter it.
    const ends = ['code', 'opt'].map((name) => join(folder, name));
    for (const end of ends) await makeFolder(end);
    const passages = [...above, folder];
    const isolation = UserIsolation.open({ temporaryFolder: join(folder, 'tmp'), passages, ends });
    const outside = dirname(resolve(above[0] ?? folder));
    return isolation.reaches(outside)
      ? isolation
      : `other users cannot enter ${outside}, which contains the data folder`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs a test program in the isolation that looks for the files functions need. Returns what failed. */
async function refusalOf(isolation: Isolation): Promise<string | undefined> {
  const { command, args, reads } = nodejs.launch({
    handler: '',
    folder: '/',
    codeFolder: '/',
    handlerFile: undefined,
    opt: undefined,
    optFolder: undefined,
    clientFolder: undefined,
    memoryMegabytes: lambdaLimits.functionMemoryMegabytesDefault,
    packageFolders: [],
    compileCache: undefined,
    reaches: () => true,
  });
  const needed = [command, args.at(-1) ?? ''].map((path) => `"${path.replaceAll(/["$`\\]/g, '\\$&')}"`);
  const [node, bootstrap] = needed;
  const script = `/bin/ls / >/dev/null && test -x ${node} && test -r ${bootstrap} || { echo "other users cannot reach the Node at "${node} >&2; exit 1; }`;
  const isolated = isolation.command({
    command: '/bin/sh',
    args: ['-c', script],
    folder: '/',
    environment: {},
    code: undefined,
    opt: undefined,
    compiled: undefined,
    reads,
    dataBytesMax: lambdaLimits.isolationTrialBytesMax,
  });
  try {
    const ended = await run(isolated.command, isolated.args, isolated.environment);
    return ended;
  } finally {
    isolated.release();
  }
}

/** Returns the program's error output when it failed; undefined on success. */
function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: lambdaLimits.isolationTrialMsMax,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < lambdaLimits.isolationTrialTextMax) said += chunk.toString();
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(said.trim().split('\n').at(-1) || `a trial ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}
