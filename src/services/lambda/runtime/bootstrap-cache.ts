import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lambdaLimits } from '../limits.ts';
import type { Log } from '../../../support/log.ts';
import { makeFolder } from '../../../support/make-folder.ts';
import { bootstrap } from './families/nodejs.ts';

export interface BootstrapCacheOptions {
  readonly folder: string;
  /** Users that read the cache: Node keeps one per user. */
  readonly userIds: readonly number[];
  readonly log: Log;
}

/** TypeScript, so that the compiler's own code is cached too. */
const HANDLER = 'export const handler = (): void => {};';
const READABLE_FOLDER = 0o755;
const READABLE_FILE = 0o644;

/**
 * The compile cache of the Node.js bootstrap, which halves the start time of a process. Each run of the server creates
 * it with a process that runs no user code. Isolated functions can only read it, so no function can affect another
 * through it.
 */
export class BootstrapCache {
  readonly #options: BootstrapCacheOptions;
  #made: Promise<void> | undefined;
  #child: ChildProcess | undefined;
  #whole = false;
  #closed = false;

  constructor(options: BootstrapCacheOptions) {
    this.#options = options;
  }

  /** Creates the cache, once. Until it is complete, functions start without it. */
  prepare(): void {
    this.#made ??= this.#make().catch((error: unknown) => {
      if (!this.#closed)
        this.#options.log.warn(
          { err: error },
          'could not prepare the compile cache; functions start more slowly',
        );
    });
  }

  /** The value for NODE_COMPILE_CACHE; undefined while there is no cache. */
  get folder(): string | undefined {
    return this.#whole ? this.#options.folder : undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
    await this.#made;
  }

  async #make(): Promise<void> {
    const { folder, userIds } = this.#options;
    const incoming = `${folder}.incoming`;
    for (const old of [folder, incoming]) await rm(old, { recursive: true, force: true });
    await makeFolder(incoming);
    const handlerFile = join(incoming, 'handler.ts');
    await writeFile(handlerFile, HANDLER);
    await this.#compile(incoming, handlerFile);
    await rm(handlerFile);
    const [own] = await readdir(incoming);
    if (own === undefined) throw new Error('Node has not written its compile cache');
    // Node appends the user ID to the folder's name.
    const prefix = own.slice(0, own.lastIndexOf('-') + 1);
    for (const name of userIds.map((userId) => `${prefix}${userId}`)) {
      if (name !== own) await symlink(own, join(incoming, name));
    }
    for (const name of await readdir(join(incoming, own))) {
      await chmod(join(incoming, own, name), READABLE_FILE);
    }
    for (const path of [join(incoming, own), incoming]) await chmod(path, READABLE_FOLDER);
    await rename(incoming, folder);
    this.#whole = true;
  }

  /** The bootstrap exits after it has loaded its handler, because no Runtime API answers it. */
  async #compile(folder: string, handlerFile: string): Promise<void> {
    const child = spawn(process.execPath, [bootstrap], {
      env: {
        NODE_COMPILE_CACHE: folder,
        AWS_LAMBDA_RUNTIME_API: NOBODY,
        _NAGARE_HANDLER_FILE: handlerFile,
        _HANDLER: 'handler',
      },
      stdio: 'ignore',
      timeout: lambdaLimits.isolationTrialMsMax,
      killSignal: 'SIGKILL',
    });
    this.#child = child;
    if (this.#closed) child.kill('SIGKILL');
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (signal !== null) throw new Error(`the bootstrap ended with ${signal}`);
  }
}

/** The discard port of an address on which nothing listens. */
const NOBODY = '127.255.255.254:9';
