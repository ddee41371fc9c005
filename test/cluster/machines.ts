import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterHealth } from '../../src/server/health.ts';
import { createBucket } from '../engine/s3-log/stores.ts';
import { spawnServer, type ServerProcess } from '../support/server.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** Processes that share a log, and whose objects are in the S3 of another process. */
export interface Machines {
  readonly all: readonly ServerProcess[];
  readonly store: ServerProcess;
  /** Waits for one that serves. */
  owner(): Promise<ServerProcess>;
  /** Those that know another one as the owner. */
  standbys(): Promise<readonly ServerProcess[]>;
  /** The flags of all. */
  readonly flags: readonly string[];
  /** Starts another one, with an empty folder. */
  join(): Promise<ServerProcess>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface MachinesOptions {
  readonly count?: number;
  readonly takeOverAfter?: number;
  readonly args?: readonly string[];
  /** URL of the shared log; by default it is in the same S3 as the objects. */
  readonly sharedLog?: string;
}

export async function startMachines({
  count = 3,
  takeOverAfter = 2,
  args = [],
  sharedLog,
}: MachinesOptions = {}): Promise<Machines> {
  const folder = await temporaryFolder();
  const key = join(folder, 'master.key');
  await writeFile(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  const store = await spawnServer();
  const { endpoint } = store;
  await createBucket(endpoint);
  const all: ServerProcess[] = [];
  let spawn: () => Promise<ServerProcess>;
  let flags: readonly string[];
  const dispose = async (): Promise<void> => {
    await Promise.all(all.map((machine) => machine.close()));
    await store.close();
    await removeFolder(folder);
  };
  try {
    const settings = [
      ['--shared-log', sharedLog ?? `s3://logs/cluster?endpoint=${endpoint}&delay-ms=5`],
      ['--s3-endpoint', endpoint],
      ['--master-key-file', key],
      ['--take-over-after', String(takeOverAfter)],
      args,
    ];
    const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    // The first one is the first owner.
    flags = settings.flat();
    spawn = () => spawnServer({ args: flags, env });
    all.push(await spawn());
    await ownerOf(all);
    const others = Array.from({ length: count - 1 }, spawn);
    all.push(...(await Promise.all(others)));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    all,
    store,
    flags,
    owner: () => ownerOf(all),
    async standbys() {
      const owner = await ownerOf(all);
      const others = all.filter((machine) => machine !== owner);
      for (const machine of others)
        await until(async () => (await clusterHealth(machine))?.owner === owner.endpoint);
      return others;
    },
    async join() {
      const joined = await spawn();
      all.push(joined);
      return joined;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function ownerOf(machines: readonly ServerProcess[]): Promise<ServerProcess> {
  let owner: ServerProcess | undefined;
  await until(
    async () => {
      for (const machine of machines) if ((await clusterHealth(machine))?.serving === true) owner = machine;
      return owner !== undefined;
    },
    { what: 'an owner of the shared log', withinMs: 60_000 },
  );
  if (owner === undefined) throw new Error('there is no owner');
  return owner;
}

/** A machine with other work answers late. */
const HEALTH_TIMEOUT_MS = 5000;

/** Undefined while the machine does not answer. */
export async function clusterHealth({
  endpoint,
}: Pick<ServerProcess, 'endpoint'>): Promise<ClusterHealth | undefined> {
  try {
    const answer = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    // The server answers with its own report.
    return ((await answer.json()) as { cluster?: ClusterHealth }).cluster;
  } catch {
    return undefined;
  }
}
