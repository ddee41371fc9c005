import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lambdaLimits } from '../limits.ts';
import { asItIs, type IsolatedCommand, type IsolatedProgram, type Isolation } from './isolation.ts';
import { disguised, quote, resourceLimits, RESTORE_ENVIRONMENT, SYSTEM_PATH } from './shell.ts';
import { functionUserIds, UserIds } from './user-ids.ts';

export interface UserOptions {
  /** Parent of the functions' temporary folders; existing content belongs to earlier runs. */
  readonly temporaryFolder: string;
  /**
   * Folders on the path to the functions' code and layers. The functions' group may traverse them but not list them.
   */
  readonly passages: readonly string[];
  /** The folders of the code and of the layers, also traversed: what is in them may be read. */
  readonly ends: readonly string[];
}

/** One group for all functions: the one that may traverse the folders. */
const GROUP_ID = lambdaLimits.functionUserIdFirst;

/**
 * Runs functions as separate users, for a server that runs as root without access to namespaces, as in most containers.
 */
export class UserIsolation implements Isolation {
  readonly level = 'user';
  readonly userIds = functionUserIds;
  readonly #temporaryFolder: string;
  readonly #userIds = new UserIds();

  private constructor(temporaryFolder: string) {
    this.#temporaryFolder = temporaryFolder;
  }

  static open({ temporaryFolder, passages, ends }: UserOptions): UserIsolation {
    rmSync(temporaryFolder, { recursive: true, force: true });
    mkdirSync(temporaryFolder, { recursive: true });
    const open = [...passages, ...ends, temporaryFolder];
    for (const folder of open) {
      // A user who can traverse a folder can read every readable file in it.
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (!open.includes(path) && !ends.includes(folder)) chmodSync(path, statSync(path).mode & 0o700);
      }
      chownSync(folder, 0, GROUP_ID);
      chmodSync(folder, 0o710);
    }
    return new UserIsolation(temporaryFolder);
  }

  taskFolder(folder: string): string {
    return folder;
  }

  optFolder(folder: string): string {
    return folder;
  }

  compiledFolder(folder: string): string {
    return folder;
  }

  /** Whether other users may enter every folder on the path. */
  reaches(path: string): boolean {
    for (let at = path; ; at = dirname(at)) {
      const found = statSync(at, { throwIfNoEntry: false });
      if (found === undefined || (found.mode & 0o1) === 0) return false;
      if (at === dirname(at)) return true;
    }
  }

  command(program: IsolatedProgram): IsolatedCommand {
    const { command, args, folder, environment, dataBytesMax } = program;
    const userId = this.#userIds.take();
    const ownFolder = join(this.#temporaryFolder, String(userId));
    rmSync(ownFolder, { recursive: true, force: true });
    mkdirSync(ownFolder, { mode: 0o700 });
    chownSync(ownFolder, userId, GROUP_ID);
    const drop = `setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --reuid=${userId} --regid=${GROUP_ID} --clear-groups`;
    const script = `${resourceLimits(dataBytesMax, { processes: true })}
exec ${drop} sh -c ${quote(START)} sh ${[folder, command, ...args].map(quote).join(' ')}`;
    return {
      command: 'sh',
      args: ['-c', script],
      folder: '/',
      environment: {
        PATH: SYSTEM_PATH,
        ...disguised({ HOME: ownFolder, TMPDIR: ownFolder, ...environment }),
      },
      userId,
      exitOf: asItIs,
      release: () => {
        rmSync(ownFolder, { recursive: true, force: true });
        this.#userIds.release(userId);
      },
    };
  }
}

const START = `${RESTORE_ENVIRONMENT}
cd "$1" || exit 125
shift
exec "$@"`;
