import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lambdaLimits } from '../limits.ts';
import { exitToldByShell, type IsolatedCommand, type IsolatedProgram, type Isolation } from './isolation.ts';
import { MountTable } from './mounts.ts';
import { disguised, quote, resourceLimits, RESTORE_ENVIRONMENT, SYSTEM_PATH } from './shell.ts';
import { functionUserIds, UserIds } from './user-ids.ts';

export interface StrictOptions {
  /** An empty folder on which each function's root is mounted, in its own namespace. */
  readonly rootFolder: string;
  /** Files and folders of the server that functions must not see, at any path. */
  readonly hidden: readonly string[];
  /** As root: real mounts and a user per process. Otherwise: a user namespace. */
  readonly asRoot: boolean;
  /**
   * Whether the kernel counts a user's processes per user namespace (Linux 5.14 and later). As root each process has a
   * user of its own.
   */
  readonly countsProcesses: boolean;
}

/** Lambda's path for the code of a function. */
const TASK_FOLDER = '/var/task';
/** Lambda's path for the files of layers. */
const OPT_FOLDER = '/opt';
const COMPILED_FOLDER = '/var/compiled';

/** Folders that hold the system's programs. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];

/** The files of /etc that programs need; others may hold secrets that the server's user can read. */
const SYSTEM_FILES = [
  'alternatives',
  'ca-certificates',
  'crypto-policies',
  'fonts',
  'gai.conf',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki',
  'protocols',
  'resolv.conf',
  'services',
  'ssl',
].map((name) => `/etc/${name}`);

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`);

/** Lambda's name for the user that functions run as. */
const USER_NAME = 'sbx_user1051';
/** Inside a user namespace any number works. */
const INNER_USER_ID = 993;

/**
 * Runs functions in separate namespaces (mount, pid, ipc, uts, and user unless the server is root), on a root that
 * contains only what `command` was given. The network is the machine's.
 *   unshare > sh (mounts, limits) > setpriv > sh (process 1, waits) > the program
 */
export class StrictIsolation implements Isolation {
  readonly level = 'strict';
  readonly #options: StrictOptions;
  readonly #userIds = new UserIds();
  readonly #system = [...SYSTEM_FOLDERS, ...SYSTEM_FILES].filter((path) => existsSync(path));

  constructor(options: StrictOptions) {
    this.#options = options;
  }

  taskFolder(): string {
    return TASK_FOLDER;
  }

  optFolder(): string {
    return OPT_FOLDER;
  }

  compiledFolder(): string {
    return COMPILED_FOLDER;
  }

  get userIds(): readonly number[] {
    return this.#options.asRoot ? functionUserIds : [INNER_USER_ID];
  }

  reaches(): boolean {
    return true;
  }

  command(program: IsolatedProgram): IsolatedCommand {
    const { asRoot } = this.#options;
    const userId = asRoot ? this.#userIds.take() : undefined;
    const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
    if (!asRoot) namespaces.push('--user', '--map-root-user');
    return {
      command: 'unshare',
      args: [...namespaces, 'sh', '-c', this.#script(program, userId)],
      folder: '/',
      environment: {
        PATH: SYSTEM_PATH,
        ...disguised({ HOME: '/tmp', TMPDIR: '/tmp', ...program.environment }),
      },
      exitOf: exitToldByShell,
      release: () => {
        if (userId !== undefined) this.#userIds.release(userId);
      },
    };
  }

  #script(program: IsolatedProgram, userId: number | undefined): string {
    const { rootFolder, countsProcesses } = this.#options;
    const mounts = this.#mounts(program);
    const owner = userId ?? INNER_USER_ID;
    const options = `nosuid,nodev,mode=755,size=${lambdaLimits.functionFileBytesMax},nr_inodes=100k`;
    return `set -e
umask 0
mount -n -t tmpfs -o ${options} nagare ${quote(rootFolder)}
cd ${quote(rootFolder)}
mkdir -p ${mounts.folders.map(quote).join(' ')}
for file in ${mounts.files.map(quote).join(' ')}; do : > "$file"; done
printf '%s\\n' root:x:0:0::/:/bin/sh ${USER_NAME}:x:${owner}:${owner}::/tmp:/bin/sh > etc/passwd
printf '%s\\n' root:x:0: ${USER_NAME}:x:${owner}: > etc/group
printf %s ${quote(mounts.text())} > .mounts
mount -n -a -T .mounts
umask 022
${resourceLimits(program.dataBytesMax, { processes: countsProcesses || userId !== undefined })}
exec ${this.#withoutRights(userId)} sh -c ${quote(INIT)} init ${[program.folder, program.command, ...program.args].map(quote).join(' ')}`;
  }

  #mounts({ code, opt, compiled, reads }: IsolatedProgram): MountTable {
    const mounts = new MountTable(this.#options.rootFolder);
    mounts.writable('/tmp');
    mounts.mount('proc', '/proc', 'nosuid,nodev,noexec');
    for (const device of DEVICES) mounts.device(device);
    for (const path of this.#system) mounts.show(path);
    for (const path of reads) {
      if (this.#options.asRoot && isClosedFolder(path)) mounts.showEntries(path, this.#options.hidden);
      else mounts.show(path);
    }
    if (code !== undefined) mounts.showAs(code, TASK_FOLDER);
    // Entry by entry: programs that the function needs may be in /opt of this machine.
    for (const name of opt === undefined ? [] : readdirSync(opt)) {
      mounts.showAs(join(opt ?? '', name), `${OPT_FOLDER}/${name}`);
    }
    if (compiled !== undefined) mounts.showAs(compiled, COMPILED_FOLDER);
    mounts.hide(this.#options.hidden);
    return mounts;
  }

  /**
   * Changes the root, and drops all capabilities and, as root, the user; the program cannot regain any capability, and
   * without one it cannot leave the root. Because its root is not the root of its mount namespace, the kernel refuses
   * it new user namespaces, in which it would have all capabilities.
   */
  #withoutRights(userId: number | undefined): string {
    const none = 'setpriv --no-new-privs --inh-caps=-all';
    const root = `unshare --root=${quote(this.#options.rootFolder)} --wd=/`;
    if (userId !== undefined) {
      return `${root} ${none} --bounding-set=-all --reuid=${userId} --regid=${userId} --clear-groups`;
    }
    // A user other than root has no capabilities in a new user namespace.
    return `${root} --user --map-user=${INNER_USER_ID} --map-group=${INNER_USER_ID} ${none}`;
  }
}

/**
 * The first process of the namespace. Signals without a handler do not reach process 1, so the program must be another
 * process.
 */
const INIT = `${RESTORE_ENVIRONMENT}
cd "$1" || exit 125
shift
"$@"
exit $?`;

/** Whether a folder is owned by root and other users cannot enter it. */
function isClosedFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && (found.mode & 0o5) !== 0o5;
}
