import { join } from 'node:path';
import { openExistingDataFolder } from '../data-folder/data-folder.ts';
import { openEmbeddedEngine } from '../engine/embedded/open.ts';
import type { Engine } from '../engine/engine.ts';
import { keyStore, MasterKeyRow } from '../engine/key-store.ts';
import { engineLimits } from '../engine/limits.ts';
import {
  adoptNextKey,
  keyOfGivenFile,
  KeyStoreError,
  readMasterKey,
  readNextKey,
  removeOwnKey,
  writeNextKey,
} from '../engine/master-key.ts';
import { registrations } from '../services/index.ts';
import { systemClock } from '../support/clock.ts';
import { silentLog } from '../support/log.ts';
import { requireNoImport } from './moving/import-row.ts';
import { ownLog, type OwnLogOptions } from './moving/own-log.ts';
import type { AnyRegistration } from './open-services.ts';
import { adoptStagedRootKey, type RootKeySource, stageRootKey } from './root-key.ts';

export interface MasterKeyRotation {
  /** A rotation that was interrupted was completed, and no other one begun. */
  readonly resumed: boolean;
  /** How many secrets of each service are encrypted under the new key. */
  readonly secrets: readonly (readonly [service: string, count: number])[];
}

/** How a command owns the shared log of a cluster. */
export type SharedRotation = Omit<OwnLogOptions, 'dataDir'>;

/**
 * Replaces the master key while no server uses the folder, or the shared log. One commit makes the new key the data folder's, and stores
 * the earlier one encrypted under it: from then on everything is readable with the new key alone, so that the process
 * may end at any time. Then the secrets are encrypted under the new key. Records stay under the earlier one until they
 * expire. `newFile` has the new key; without it, the key is made in the data folder. Throws KeyStoreError, and LogInUseError
 * while a server owns the shared log.
 */
export async function rotateMasterKey(
  config: RootKeySource,
  newFile?: string,
  shared?: SharedRotation,
): Promise<MasterKeyRotation> {
  if (shared !== undefined) return await rotateInSharedLog(config, newFile, shared);
  const data = await openExistingDataFolder(config.dataDir);
  try {
    const folder = join(config.dataDir, 'engine');
    const engine = await openEmbeddedEngine({
      folder,
      fence: data.fence,
      clock: systemClock,
      log: silentLog,
    });
    try {
      return await rotate(config, engine, newFile);
    } finally {
      await engine.close();
    }
  } finally {
    await data.close();
  }
}

/** The folder is a copy, of whichever machine: what is committed is in the shared log. */
async function rotateInSharedLog(
  config: RootKeySource,
  newFile: string | undefined,
  shared: SharedRotation,
): Promise<MasterKeyRotation> {
  const own = await ownLog({ ...shared, dataDir: config.dataDir });
  try {
    const { engine } = own.shared;
    requireNoImport(engine);
    return await rotate(config, engine, newFile);
  } finally {
    await own.close();
  }
}

async function rotate(
  config: RootKeySource,
  engine: Engine,
  newFile: string | undefined,
): Promise<MasterKeyRotation> {
  const row = new MasterKeyRow(engine.catalog);
  if (!row.exists) throw new KeyStoreError('the data folder has no master key yet: start the server once');
  const keysFolder = join(config.dataDir, 'keys');
  const begun = await storedKey(config, row, newFile);
  let master = begun.key;
  const isResumed = begun.isNext || row.isRotating;
  if (!isResumed) {
    if (row.retiredCount >= engineLimits.retiredMasterKeysMax) {
      throw new KeyStoreError(
        `the master key has been rotated ${row.retiredCount} times, and more are not supported`,
      );
    }
    const next = await nextKey(config, master, newFile);
    await stageRootKey(config, next);
    await row.replace(master, next);
    master = next;
  }
  const ownNext = await readNextKey(keysFolder);
  if (ownNext?.equals(master) === true) await adoptNextKey(keysFolder);
  // The key is elsewhere from now on.
  else if (newFile !== undefined) await removeOwnKey(keysFolder);
  await adoptStagedRootKey(config, master);
  return { resumed: isResumed, secrets: await resealAll(config, engine, row, master) };
}

/** The data folder's master key: the present one, or the next one if the process ended after it was stored. */
async function storedKey(
  config: RootKeySource,
  row: MasterKeyRow,
  newFile: string | undefined,
): Promise<{ readonly key: Buffer; readonly isNext: boolean }> {
  const { dataDir, masterKey, masterKeyFile } = config;
  const folder = join(dataDir, 'keys');
  const present = await readMasterKey({ folder, masterKey, masterKeyFile, mayCreate: false });
  if (row.isFor(present)) return { key: present, isNext: false };
  const next = newFile === undefined ? await readNextKey(folder) : await keyOfGivenFile(newFile);
  if (next !== undefined && row.isFor(next)) return { key: next, isNext: true };
  throw new KeyStoreError('the master key is not the one of this data folder: give the present one');
}

async function nextKey(
  { dataDir, masterKey, masterKeyFile }: RootKeySource,
  present: Buffer,
  newFile: string | undefined,
): Promise<Buffer> {
  if (newFile !== undefined) {
    const key = await keyOfGivenFile(newFile);
    if (key.equals(present)) throw new KeyStoreError(`${newFile} has the present master key`);
    return key;
  }
  if (masterKey === undefined && masterKeyFile === undefined)
    return await writeNextKey(join(dataDir, 'keys'));
  throw new KeyStoreError(
    'the master key is not in the data folder: make a new one in another file (openssl rand -base64 32), and give it with --new-master-key-file',
  );
}

async function resealAll(
  { dataDir }: RootKeySource,
  engine: Engine,
  row: MasterKeyRow,
  master: Buffer,
): Promise<(readonly [string, number])[]> {
  const keys = keyStore(master, row.retiredKeys(master));
  const data = { dataDir, engine, clock: systemClock, log: silentLog };
  const secrets: (readonly [string, number])[] = [];
  for (const { name, reseal } of registrations as readonly AnyRegistration[]) {
    if (reseal !== undefined) secrets.push([name, await reseal(data, keys)]);
  }
  await row.resealed();
  return secrets;
}
