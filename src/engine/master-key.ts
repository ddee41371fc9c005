import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { hasErrorCode } from '../support/errno.ts';
import { makeDurableFolder } from '../support/make-folder.ts';
import { syncFolder } from '../support/sync.ts';

export const KEY_BYTES = 32;
const FILE_NAME = 'master.key';
/** A new master key, until it has replaced the present one (rotate-master.ts). */
const NEXT_FILE_NAME = 'master.key.next';
/** The permission bits of group and others. */
const OTHERS = 0o077;
const ALL_OTHERS = 0o007;

export class KeyStoreError extends UserError {
  override readonly name = 'KeyStoreError';
}

/** Where the master key is. Without either of the others, it is in a file of `folder`. */
export interface MasterKeySource {
  readonly folder: string;
  /** Base64 of 32 bytes. */
  readonly masterKey?: string | undefined;
  readonly masterKeyFile?: string | undefined;
}

/** Reads the master key where `openKeyStore` does, without a check that it is the data folder's. Throws KeyStoreError. */
export async function readMasterKey(
  options: MasterKeySource & {
    /** Makes the file in `folder` if there is none. */
    readonly mayCreate: boolean;
  },
): Promise<Buffer> {
  const { folder, masterKey, masterKeyFile, mayCreate } = options;
  if (masterKey !== undefined) return decodeKey(masterKey, 'the given master key');
  if (masterKeyFile !== undefined) return await keyOfGivenFile(masterKeyFile);
  return await keyOfFile(join(folder, FILE_NAME), mayCreate);
}

/** Makes a key that `adoptNextKey` puts in the place of the present one. */
export async function writeNextKey(folder: string): Promise<Buffer> {
  return await writeNewKey(join(folder, NEXT_FILE_NAME));
}

/** Undefined if no rotation of the master key has begun, or the last one has ended. */
export async function readNextKey(folder: string): Promise<Buffer | undefined> {
  const path = join(folder, NEXT_FILE_NAME);
  const text = await readSecret(path);
  return text === undefined ? undefined : decodeKey(text, path);
}

/** The next key is the present one from now on. */
export async function adoptNextKey(folder: string): Promise<void> {
  await rename(join(folder, NEXT_FILE_NAME), join(folder, FILE_NAME));
  await syncFolder(folder);
}

/** Removes the key file of the folder, when the key is elsewhere from now on. */
export async function removeOwnKey(folder: string): Promise<void> {
  try {
    await unlink(join(folder, FILE_NAME));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  await syncFolder(folder);
}

/** The key in the folder; undefined if there is none. */
export async function readOwnKey(folder: string): Promise<Buffer | undefined> {
  const path = join(folder, FILE_NAME);
  const text = await readSecret(path);
  return text === undefined ? undefined : decodeKey(text, path);
}

export async function keyOfGivenFile(path: string): Promise<Buffer> {
  const text = await readSecret(path);
  if (text === undefined) throw new KeyStoreError(`${path}: the master key file does not exist`);
  return decodeKey(text, path);
}

async function keyOfFile(path: string, mayBegin: boolean): Promise<Buffer> {
  const text = await readSecret(path);
  if (text !== undefined) return decodeKey(text, path);
  if (mayBegin) return await writeNewKey(path);
  throw new KeyStoreError(
    `${path}: the file is missing, and this data folder was created with a master key: restore it, or set NAGARE_MASTER_KEY_FILE to a file that has the key`,
  );
}

/** Returns undefined if the file does not exist. Like ssh, refuses a key that other users can access. */
async function readSecret(path: string): Promise<string | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const mode = (await file.stat()).mode & 0o777;
    const closedTo = isCredential(path) ? ALL_OTHERS : OTHERS;
    if ((mode & closedTo) === 0) return await file.readFile('utf8');
    throw new KeyStoreError(
      `${path}: other users can access the file (mode ${mode.toString(8)}); run: chmod 600 ${path}`,
    );
  } finally {
    await file.close();
  }
}

/** systemd grants the service's user access to a credential by an ACL, which appears as group permissions. */
function isCredential(path: string): boolean {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  return folder !== undefined && dirname(path) === folder;
}

async function writeNewKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const folder = dirname(path);
  await makeDurableFolder(folder);
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, 'w', 0o600);
  await file.writeFile(`${key.toString('base64')}\n`);
  await file.sync();
  await file.close();
  await rename(temporary, path);
  await syncFolder(folder);
  return key;
}

function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new KeyStoreError(`${where} is not base64 of ${KEY_BYTES} bytes`);
  return key;
}
