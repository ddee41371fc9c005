import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Catalog } from './catalog.ts';
import { UserError } from '../errors.ts';
import { makeDurableFolder } from '../support/make-folder.ts';
import { hasErrorCode } from '../support/errno.ts';
import { syncFolder } from '../support/sync.ts';

const KEY_BYTES = 32;
const FILE_NAME = 'master.key';
/** The permission bits of group and others. */
const OTHERS = 0o077;
const ALL_OTHERS = 0o007;

/** The server's keys, all derived from one master key. */
export interface KeyStore {
  /** Returns 32 bytes, always the same for one purpose. */
  derive(purpose: string): Buffer;
}

export class KeyStoreError extends UserError {
  override readonly name = 'KeyStoreError';
}

interface CheckRow {
  readonly value: string;
}

const CHECK_TABLE = 'kinesis.keys';
const CHECK = 'check';

/**
 * Opens the keys. The master key is `masterKey` (base64 of 32 bytes) or is in `masterKeyFile`; without either, it is in
 * the file `master.key` of `folder`, which is created once, with the data folder. Only the owner may have access to a
 * file. Throws KeyStoreError when the key is missing, invalid, accessible to others, or not the key of this data
 * folder.
 */
export async function openKeyStore(options: {
  readonly catalog: Catalog;
  readonly folder: string;
  readonly masterKey: string | undefined;
  readonly masterKeyFile?: string | undefined;
}): Promise<KeyStore> {
  const { catalog, folder, masterKey, masterKeyFile } = options;
  const table = catalog.table<CheckRow>(CHECK_TABLE);
  const known = table.get(CHECK)?.value;
  const master = await readMasterKey({ folder, masterKey, masterKeyFile, mayCreate: known === undefined });
  const value = checkValue(master);
  if (known === undefined) await catalog.commit((transaction) => transaction.put(table, CHECK, { value }));
  // Records encrypted with another key would be unreadable: fail at startup, not at the first record.
  else if (known !== value) {
    throw new KeyStoreError(
      'the master key is not the one this data folder was created with: restore that key (the file master.key, or the file that NAGARE_MASTER_KEY_FILE names)',
    );
  }
  return {
    derive: (purpose) => Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, KEY_BYTES)),
  };
}

/** Reads the master key where `openKeyStore` does, without a check that it is the data folder's. Throws KeyStoreError. */
export async function readMasterKey(options: {
  readonly folder: string;
  readonly masterKey: string | undefined;
  readonly masterKeyFile?: string | undefined;
  /** Makes the file in `folder` if there is none. */
  readonly mayCreate: boolean;
}): Promise<Buffer> {
  const { folder, masterKey, masterKeyFile, mayCreate } = options;
  if (masterKey !== undefined) return decodeKey(masterKey, 'the given master key');
  if (masterKeyFile !== undefined) return await keyOfGivenFile(masterKeyFile);
  return await keyOfFile(join(folder, FILE_NAME), mayCreate);
}

/**
 * Returns what is wrong with the master key in `folder`, for a check of the data folder; undefined when it is the
 * folder's key, or when the folder has none.
 */
export async function findMasterKeyProblem(catalog: Catalog, folder: string): Promise<string | undefined> {
  const known = catalog.table<CheckRow>(CHECK_TABLE).get(CHECK)?.value;
  if (known === undefined) return undefined;
  let key: Buffer;
  try {
    const text = await readSecret(join(folder, FILE_NAME));
    if (text === undefined) return 'the file is missing';
    key = decodeKey(text, 'it');
  } catch (error) {
    if (error instanceof KeyStoreError) return error.message;
    throw error;
  }
  return checkValue(key) === known ? undefined : 'it is not the key this data folder was created with';
}

function checkValue(master: Buffer): string {
  return createHmac('sha256', master).update('nagare key check').digest('base64');
}

async function keyOfGivenFile(path: string): Promise<Buffer> {
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
