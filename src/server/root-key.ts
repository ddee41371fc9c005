import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootKey } from '../auth/keys/server-keys.ts';
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder/data-folder.ts';
import { readMasterKey } from '../engine/key-store.ts';
import { UserError } from '../errors.ts';
import { hasErrorCode } from '../support/errno.ts';
import { makeDurableFolder } from '../support/make-folder.ts';
import { syncFolder } from '../support/sync.ts';

/** The root key in the data folder cannot be made or read. */
export class RootKeyError extends UserError {
  override readonly name = 'RootKeyError';
}

type KeySource = Pick<Config, 'dataDir' | 'masterKey' | 'masterKeyFile'>;

/** The file's content, as JSON: the secret is encrypted with AES-256-GCM under a key derived from the master key. */
interface StoredRootKey {
  readonly accessKeyId: string;
  /** In base64: 12 bytes of nonce, 16 of tag, then the ciphertext. */
  readonly encryptedSecret: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = 'nagare root access key';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Makes a root key and stores it in the data folder, which no server may use. Rejects when it has one already. */
export async function createRootKey(config: KeySource): Promise<RootKey> {
  const data = await openDataFolder(config.dataDir);
  try {
    const path = pathOf(config);
    if ((await textOf(path)) !== undefined) {
      throw new RootKeyError(`${path}: there is a root key already; delete the file to make another one`);
    }
    const secretAccessKey = randomBytes(30).toString('base64');
    const accessKeyId = `AKIA${Array.from(randomBytes(16), (byte) => ALPHABET[byte % 32]).join('')}`;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await encryptionKey(config), nonce).setAAD(
      Buffer.from(accessKeyId),
    );
    const encrypted = Buffer.concat([cipher.update(secretAccessKey), cipher.final()]);
    const encryptedSecret = Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64');
    await writeDurably(path, JSON.stringify({ accessKeyId, encryptedSecret } satisfies StoredRootKey));
    return { accessKeyId, secretAccessKey };
  } finally {
    await data.close();
  }
}

/** Resolves with undefined if the data folder has none. */
export async function storedRootKey(config: KeySource): Promise<RootKey | undefined> {
  const path = pathOf(config);
  const text = await textOf(path);
  if (text === undefined) return undefined;
  try {
    // Written by createRootKey; anything else fails to decrypt.
    const { accessKeyId, encryptedSecret } = JSON.parse(text) as StoredRootKey;
    const sealed = Buffer.from(encryptedSecret, 'base64');
    const decipher = createDecipheriv(
      'aes-256-gcm',
      await encryptionKey(config),
      sealed.subarray(0, NONCE_BYTES),
    )
      .setAAD(Buffer.from(accessKeyId))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const secret = Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
    return { accessKeyId, secretAccessKey: secret.toString() };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new RootKeyError(`${path} is damaged, or encrypted with another master key`);
  }
}

function pathOf({ dataDir }: KeySource): string {
  return join(dataDir, 'keys', 'root.key');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function encryptionKey({ dataDir, masterKey, masterKeyFile }: KeySource): Promise<Buffer> {
  const isNew = !(await hasEngine(dataDir));
  const master = await readMasterKey({
    folder: join(dataDir, 'keys'),
    masterKey,
    masterKeyFile,
    mayCreate: isNew,
  });
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
