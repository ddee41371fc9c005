import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Config } from '../../src/config.ts';
import type { ClusterOptions } from '../../src/server/cluster.ts';
import type { ServerHealth } from '../../src/server/health.ts';
import { startServer, type NagareServer } from '../../src/server/start.ts';
import { silentLog } from '../../src/support/log.ts';
import type { MemoryStore } from '../engine/shared/memory-log.ts';
import { signedFor } from '../support/admission.ts';
import { clientOptions } from '../support/client.ts';
import { testConfig } from '../support/server.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** A server in this process that shares a log in memory with others. */
export interface Machine {
  readonly server: NagareServer;
  readonly kinesis: KinesisClient;
  /** Closes and opens its way to the store. */
  cutOff(): void;
  /** After so many more questions to the store and answers. */
  cutOffAfter(passages: number): void;
  untilCutOff(): Promise<void>;
  reconnect(): void;
}

const cleanups: (() => Promise<void>)[] = [];

export interface MachineOptions {
  /** How old reads of a standby may be; without it the owner answers them all. */
  readonly readAgeMaxMs?: number | undefined;
  readonly takeOverAfterMs?: number;
  readonly openSnapshots?: ClusterOptions['openSnapshots'];
}

export async function startMachine(
  store: MemoryStore,
  masterKeyFile: string,
  settings: Partial<Config> = {},
  { readAgeMaxMs, takeOverAfterMs = 1000, openSnapshots }: MachineOptions = {},
): Promise<Machine> {
  const folder = await temporaryFolder();
  let passage = Promise.resolve();
  let reopen: (() => void) | undefined;
  let passagesLeft = Infinity;
  const cutOff = (): void => {
    passagesLeft = Infinity;
    if (reopen !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    [passage, reopen] = [promise, resolve];
  };
  const pass = (): Promise<void> => {
    if (passagesLeft-- <= 0) cutOff();
    return passage;
  };
  const reconnect = (): void => {
    reopen?.();
    reopen = undefined;
  };
  const server = await startServer(testConfig(folder, { masterKeyFile, ...settings }), silentLog, undefined, {
    openLog: () => Promise.resolve({ log: store.open(pass), durability: 'object-store' }),
    takeOverAfterMs,
    readAgeMaxMs,
    openSnapshots,
  });
  const kinesis = new KinesisClient({
    ...clientOptions(server.endpoint),
    ...(settings.rootKey !== undefined && { credentials: settings.rootKey }),
    maxAttempts: 10,
  });
  cleanups.push(async () => {
    reconnect();
    kinesis.destroy();
    await server.close();
    await removeFolder(folder);
  });
  return {
    server,
    kinesis,
    cutOff,
    cutOffAfter(passages) {
      passagesLeft = passages;
    },
    untilCutOff: async () => void (await until(() => reopen !== undefined)),
    reconnect,
  };
}

export async function healthOf({ server }: Machine): Promise<ServerHealth> {
  // The server answers with its own report.
  return (await (await fetch(`${server.endpoint}/health`)).json()) as ServerHealth;
}

export async function untilServing(machine: Machine): Promise<void> {
  await until(async () => (await healthOf(machine)).cluster?.serving === true);
}

export async function masterKeyFile(): Promise<string> {
  const folder = await temporaryFolder();
  cleanups.push(() => removeFolder(folder));
  const file = join(folder, 'master.key');
  await writeFile(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return file;
}

/** As `nagare cluster` sends it. */
export async function command(machine: Machine, name: 'promote' | 'demote'): Promise<void> {
  const { status } = await sendCommand(machine, '/_nagare/cluster', name);
  if (status !== 200) throw new Error(`${name}: ${status}`);
}

export function sendCommand({ server }: Machine, path: string, name: string): Promise<Response> {
  return fetch(`${server.endpoint}${path}`, {
    method: 'POST',
    headers: { ...signedFor('kinesis'), 'x-nagare-command': name },
  });
}

/** Closes all that were started, the newest first. */
export async function closeMachines(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}
