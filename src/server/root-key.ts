import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newAccessKeyId, newSecretAccessKey } from '../auth/keys/access-key-id.ts';
import type { RootKey } from '../auth/keys/server-keys.ts';
import type { Config } from '../config.ts';
import { openDataFolder, openExistingDataFolder } from '../data-folder/data-folder.ts';
import { readMasterKey, readNextKey } from '../engine/master-key.ts';
import { UserError } from '../errors.ts';
import { hasErrorCode } from '../support/errno.ts';
import { makeDurableFolder } from '../support/make-folder.ts';
import { syncFolder } from '../support/sync.ts';

/** The root key in the data folder cannot be made or read. */
export class RootKeyError extends UserError {
  override readonly name = 'RootKeyError';
}

/** Where the root key is, and the master key that encrypts it. */
export type RootKeySource = Pick<Config, 'dataDir' | 'masterKey' | 'masterKeyFile'>;

/** The file's content, as JSON: the secret is encrypted with AES-256-GCM under a key derived from the master key. */
interface StoredRootKey {
  readonly accessKeyId: string;
  /** In base64: 12 bytes of nonce, 16 of tag, then the ciphertext. */
  readonly encryptedSecret: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = 'nagare root access key';

/** Makes a root key and stores it in the data folder, which no server may use. Rejects when it has one already. */
export async function createRootKey(config: RootKeySource): Promise<RootKey> {
  const data = await openDataFolder(config.dataDir);
  try {
    const path = pathOf(config);
    if ((await textOf(path)) !== undefined) {
      throw new RootKeyError(
        `${path}: there is a root key already; \`nagare key rotate --root\` replaces it by another one`,
      );
    }
    return await storeNewRootKey(config);
  } finally {
    await data.close();
  }
}

/** Replaces the root key in the data folder, which no server may use. Rejects when it has none, or cannot be read. */
export async function replaceRootKey(config: RootKeySource): Promise<RootKey> {
  const data = await openExistingDataFolder(config.dataDir);
  try {
    // A master key that does not open the present one is not the data folder's.
    if ((await storedRootKey(config)) === undefined) {
      throw new RootKeyError(
        `${pathOf(config)}: there is no root key; make one with \`nagare key init\`, or change the one in the environment`,
      );
    }
    return await storeNewRootKey(config);
  } finally {
    await data.close();
  }
}

async function storeNewRootKey(config: RootKeySource): Promise<RootKey> {
  const key = { accessKeyId: newAccessKeyId('AKIA'), secretAccessKey: newSecretAccessKey() };
  await requireNoRotation(config);
  await writeDurably(pathOf(config), sealed(key, await encryptionKey(config)));
  await rm(nextPathOf(config), { force: true });
  return key;
}

/** The content of the file. */
function sealed({ accessKeyId, secretAccessKey }: RootKey, key: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(accessKeyId));
  const encrypted = Buffer.concat([cipher.update(secretAccessKey), cipher.final()]);
  const encryptedSecret = Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64');
  return JSON.stringify({ accessKeyId, encryptedSecret } satisfies StoredRootKey);
}

/** Resolves with undefined if the data folder has none. */
export async function storedRootKey(config: RootKeySource): Promise<RootKey | undefined> {
  const path = pathOf(config);
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const key = await encryptionKey(config);
  // The process may have ended while the master key was replaced: the next file is encrypted under the new one.
  const found = unsealed(text, key) ?? unsealed((await textOf(nextPathOf(config))) ?? '', key);
  if (found !== undefined) return found;
  throw new RootKeyError(`${path} is damaged, or encrypted with another master key`);
}

/** Stores the root key, if there is one, encrypted under the next master key as well, beside the present file. */
export async function stageRootKey(config: RootKeySource, next: Buffer): Promise<void> {
  const key = await storedRootKey(config);
  if (key !== undefined) await writeDurably(nextPathOf(config), sealed(key, derivedFrom(next)));
}

/** The staged file, if there is one, takes the place of the earlier one: the master key is the next one now. */
export async function adoptStagedRootKey(config: RootKeySource, master: Buffer): Promise<void> {
  const text = await textOf(nextPathOf(config));
  if (text === undefined) return;
  // It may be of a rotation that did not come about.
  if (unsealed(text, derivedFrom(master)) === undefined) return await rm(nextPathOf(config));
  await rename(nextPathOf(config), pathOf(config));
  await syncFolder(join(config.dataDir, 'keys'));
}

/** Undefined for a file that is damaged or was not encrypted under this key. */
function unsealed(text: string, key: Buffer): RootKey | undefined {
  try {
    // Written by `sealed`; anything else fails to decrypt.
    const { accessKeyId, encryptedSecret } = JSON.parse(text) as StoredRootKey;
    const bytes = Buffer.from(encryptedSecret, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(accessKeyId))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const secret = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return { accessKeyId, secretAccessKey: Buffer.concat([secret, decipher.final()]).toString() };
  } catch {
    return undefined;
  }
}

/** With the master key of an interrupted rotation a new root key would be encrypted under the wrong one. */
async function requireNoRotation({ dataDir }: RootKeySource): Promise<void> {
  if ((await readNextKey(join(dataDir, 'keys'))) === undefined) return;
  throw new RootKeyError(
    'a rotation of the master key was interrupted; complete it with `nagare key rotate-master`',
  );
}

function pathOf({ dataDir }: RootKeySource): string {
  return join(dataDir, 'keys', 'root.key');
}

function nextPathOf({ dataDir }: RootKeySource): string {
  return join(dataDir, 'keys', 'root.key.next');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function encryptionKey({ dataDir, masterKey, masterKeyFile }: RootKeySource): Promise<Buffer> {
  const isNew = !(await hasEngine(dataDir));
  const master = await readMasterKey({
    folder: join(dataDir, 'keys'),
    masterKey,
    masterKeyFile,
    mayCreate: isNew,
  });
  return derivedFrom(master);
}

function derivedFrom(master: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), PURPOSE, 32));
}

async function hasEngine(dataDir: string): Promise<boolean> {
  try {
    await readdir(join(dataDir, 'engine'));
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const folder = join(path, '..');
  await makeDurableFolder(folder);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(folder);
}
