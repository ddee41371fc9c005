import { closeSync, existsSync, fstatSync, openSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnServer, temporaryFolder, type ServerProcess } from '../support/server.ts';
import { runTool } from '../support/tools.ts';

const source = fileURLToPath(new URL('disk-shim.c', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache', import.meta.url));
export const smallLimits = new URL('../support/small-limits.ts', import.meta.url).href;

/** Chances, each in a million. */
export interface DiskFaults {
  readonly failingSyncs?: number;
  readonly fullDisks?: number;
  readonly shortWrites?: number;
}

/** A server whose changes of its data folder are recorded. */
export interface ShimmedServer {
  readonly process: ServerProcess;
  /** What is on its disk: the folder `data`. */
  readonly disk: string;
  /** How long the log of the disk is: a moment. */
  position(): number;
  readLog(): Promise<Buffer>;
  setFaults(faults: DiskFaults): Promise<void>;
  close(): Promise<void>;
}

export async function startShimmedServer(options: {
  readonly seed: number;
  /** Part of a path whose syncs do nothing. */
  readonly skippedSyncs?: string;
}): Promise<ShimmedServer> {
  const folder = await temporaryFolder();
  const [disk, log, faults] = [join(folder, 'disk'), join(folder, 'log'), join(folder, 'faults')];
  await mkdir(disk);
  await writeFile(log, '');
  await writeFile(faults, '0 0 0');
  const process = await spawnServer({
    args: ['--data-dir', join(disk, 'data'), '--log-level', 'error'],
    env: {
      LD_PRELOAD: await builtShim(),
      DISK_SHIM_FOLDER: disk,
      DISK_SHIM_LOG: log,
      DISK_SHIM_FAULTS: faults,
      DISK_SHIM_SEED: String(options.seed),
      ...(options.skippedSyncs !== undefined && { DISK_SHIM_SKIPPED_SYNCS: options.skippedSyncs }),
      NODE_OPTIONS: `--import ${smallLimits}`,
    },
  });
  const handle = openSync(log, 'r');
  return {
    process,
    disk,
    position: () => fstatSync(handle).size,
    readLog: () => readFile(log),
    async setFaults({ failingSyncs = 0, fullDisks = 0, shortWrites = 0 }) {
      await writeFile(faults, `${failingSyncs} ${fullDisks} ${shortWrites}`);
    },
    async close() {
      closeSync(handle);
      await process.close();
    },
  };
}

/** The shim, compiled when its source is newer. */
export async function builtShim(): Promise<string> {
  const built = join(cache, 'disk-shim.so');
  if (existsSync(built) && statSync(built).mtimeMs > statSync(source).mtimeMs) return built;
  await mkdir(cache, { recursive: true });
  // Under its name when it is whole: other tests may look for it now.
  const half = `${built}.${process.pid}`;
  await runTool('cc', ['-Wall', '-Werror', '-O2', '-shared', '-fPIC', '-o', half, source, '-ldl']);
  await rename(half, built);
  return built;
}
