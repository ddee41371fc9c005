import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../engine/catalog.ts';
import { makeFolder } from '../support/make-folder.ts';

const KEY_BYTES = 32;
const FILE_NAME = 'master.key';

/** The keys of this server: all derived from one, which lies in a file of its own or comes with the settings. */
export interface KeyStore {
  /** 32 bytes, always the same for one purpose. */
  derive(purpose: string): Buffer;
}

export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError';
}

/**
 * `masterKey` is base64 of 32 bytes; without it, `folder` holds (or gets) a file `master.key` that only its owner
 * may read. Throws KeyStoreError when it is not the key with which the data folder was begun.
 */
export async function openKeyStore(options: {
  readonly catalog: Catalog;
  readonly folder: string;
  readonly masterKey: string | undefined;
}): Promise<KeyStore> {
  const { catalog, folder, masterKey } = options;
  const master =
    masterKey === undefined ? await keyOfFile(folder) : decodeKey(masterKey, 'the given master key');
  await checkKey(catalog, master);
  return {
    derive: (purpose) => Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, KEY_BYTES)),
  };
}

/** What was encrypted under another key could not be read: better known at the start than at the first record. */
async function checkKey(catalog: Catalog, master: Buffer): Promise<void> {
  const value = createHmac('sha256', master).update('nagare key check').digest('base64');
  const table = catalog.table<{ value: string }>('kinesis.keys');
  const known = table.get('check')?.value;
  if (known === undefined) await catalog.commit((transaction) => transaction.put(table, 'check', { value }));
  else if (known !== value) {
    throw new KeyStoreError(
      'the master key is not the one with which this data folder was begun: restore that key (the file master.key, or the setting)',
    );
  }
}

async function keyOfFile(folder: string): Promise<Buffer> {
  const path = join(folder, FILE_NAME);
  try {
    return decodeKey(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const key = randomBytes(KEY_BYTES);
  await makeFolder(folder, 0o700);
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, 'w', 0o600);
  await file.writeFile(`${key.toString('base64')}\n`);
  await file.sync();
  await file.close();
  await rename(temporary, path);
  const directory = await open(folder, 'r');
  await directory.sync();
  await directory.close();
  return key;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new KeyStoreError(`${where} is not base64 of ${KEY_BYTES} bytes`);
  return key;
}
