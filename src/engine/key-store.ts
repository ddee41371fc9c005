import { createHmac, hkdfSync } from 'node:crypto';
import type { Catalog, Table } from './catalog.ts';
import {
  adoptNextKey,
  KEY_BYTES,
  KeyStoreError,
  type MasterKeySource,
  readMasterKey,
  readNextKey,
  readOwnKey,
} from './master-key.ts';
import { CIPHER_OVERHEAD_BYTES, PayloadCipher } from './payload-cipher.ts';

/** The server's keys, all derived from one master key. */
export interface KeyStore {
  /** Returns 32 bytes, the same for one purpose as long as the master key is the same. */
  derive(purpose: string): Buffer;
  /** The key of a purpose, and after it those under which earlier master keys encrypted. */
  deriveAll(purpose: string): readonly Buffer[];
}

interface CheckRow {
  readonly value: string;
  /** Earlier master keys, newest first: what they encrypted stays readable. */
  readonly retired?: readonly RetiredKey[];
}

export interface RetiredKey {
  /** Encrypted under the present master key. */
  readonly sealed: string;
  /** All secrets are encrypted under a later key. */
  readonly resealed: boolean;
}

const CHECK_TABLE = 'kinesis.keys';
const CHECK = 'check';
const RETIRED = 'retired master keys';

/** The row that tells which master key is the data folder's. */
export class MasterKeyRow {
  readonly #catalog: Catalog;
  readonly #table: Table<CheckRow>;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    this.#table = catalog.table(CHECK_TABLE);
  }

  /** False before the first start. */
  get exists(): boolean {
    return this.#table.get(CHECK) !== undefined;
  }

  isFor(master: Buffer): boolean {
    return this.#table.get(CHECK)?.value === checkValue(master);
  }

  /** A rotation began, and not all secrets are encrypted under the present key yet. */
  get isRotating(): boolean {
    return this.#retired.some(({ resealed }) => !resealed);
  }

  get #retired(): readonly RetiredKey[] {
    return this.#table.get(CHECK)?.retired ?? [];
  }

  get retiredCount(): number {
    return this.#retired.length;
  }

  retiredKeys(master: Buffer): Buffer[] {
    const cipher = new PayloadCipher(derived(master, RETIRED));
    return this.#retired.map(({ sealed }) => cipher.open(Buffer.from(sealed, 'base64')).subarray(1));
  }

  begin(master: Buffer): Promise<void> {
    return this.#put({ value: checkValue(master) });
  }

  /** From now on `next` is the master key, and everything stays readable with it alone. One commit. */
  replace(present: Buffer, next: Buffer): Promise<void> {
    const cipher = new PayloadCipher(derived(next, RETIRED));
    const sealed = [present, ...this.retiredKeys(present)].map((key) => sealKey(cipher, key));
    const retired = sealed.map((key, index) => ({
      sealed: key,
      resealed: index === 0 ? false : (this.#retired[index - 1]?.resealed ?? false),
    }));
    return this.#put({ value: checkValue(next), retired });
  }

  resealed(): Promise<void> {
    const retired = this.#retired.map(({ sealed }) => ({ sealed, resealed: true }));
    const { value = '' } = this.#table.get(CHECK) ?? {};
    return this.#put({ value, retired });
  }

  #put(row: CheckRow): Promise<void> {
    return this.#catalog.commit((transaction) => transaction.put(this.#table, CHECK, row));
  }
}

/**
 * Opens the keys. The master key is `masterKey` (base64 of 32 bytes) or is in `masterKeyFile`; without either, it is in
 * the file `master.key` of `folder`, which is created once, with the data folder. Only the owner may have access to a
 * file. Throws KeyStoreError when the key is missing, invalid, accessible to others, or not the key of this data
 * folder.
 */
export async function openKeyStore(
  options: MasterKeySource & { readonly catalog: Catalog },
): Promise<KeyStore> {
  const { catalog, folder } = options;
  const row = new MasterKeyRow(catalog);
  let master = await readMasterKey({ ...options, mayCreate: !row.exists });
  if (!row.exists) await row.begin(master);
  if (!row.isFor(master)) master = await interruptedRotation(row, folder, options);
  return keyStore(master, row.retiredKeys(master));
}

/** The process ended after a rotation was stored and before its file was in place. */
async function interruptedRotation(
  row: MasterKeyRow,
  folder: string,
  { masterKey, masterKeyFile }: MasterKeySource,
): Promise<Buffer> {
  const next = masterKey === undefined && masterKeyFile === undefined ? await readNextKey(folder) : undefined;
  if (next !== undefined && row.isFor(next)) {
    await adoptNextKey(folder);
    return next;
  }
  // Records encrypted with another key would be unreadable: fail at startup, not at the first record.
  throw new KeyStoreError(
    'the master key is not the one of this data folder: restore that key (the file master.key, or the file that NAGARE_MASTER_KEY_FILE names), or give the new one if `nagare key rotate-master` has replaced it',
  );
}

/** The keys of a master key that is known to be the data folder's. */
export function keyStore(master: Buffer, retired: readonly Buffer[]): KeyStore {
  return {
    derive: (purpose) => derived(master, purpose),
    deriveAll: (purpose) => [master, ...retired].map((key) => derived(key, purpose)),
  };
}

/**
 * Returns what is wrong with the master key in `folder`, for a check of the data folder; undefined when it is the
 * folder's key, or when the folder has none.
 */
export async function findMasterKeyProblem(catalog: Catalog, folder: string): Promise<string | undefined> {
  const row = new MasterKeyRow(catalog);
  if (!row.exists) return undefined;
  try {
    const keys = [await readOwnKey(folder), await readNextKey(folder)].filter((key) => key !== undefined);
    if (keys.length === 0) return 'the file is missing';
    return keys.some((key) => row.isFor(key)) ? undefined : 'it is not the key of this data folder';
  } catch (error) {
    if (error instanceof KeyStoreError) return error.message;
    throw error;
  }
}

function derived(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, KEY_BYTES));
}

function checkValue(master: Buffer): string {
  return createHmac('sha256', master).update('nagare key check').digest('base64');
}

function sealKey(cipher: PayloadCipher, key: Buffer): string {
  // The first byte has the cipher's flags.
  const sealed = Buffer.alloc(1 + key.length + CIPHER_OVERHEAD_BYTES);
  cipher.seal(Buffer.concat([Buffer.alloc(1), key]), sealed, 0);
  return sealed.toString('base64');
}
