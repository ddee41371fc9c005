import type { Catalog, Table, Transaction } from '../../engine/catalog.ts';
import type { KeyStore } from '../../engine/key-store.ts';
import { CIPHER_OVERHEAD_BYTES, PayloadCipher } from '../../engine/payload-cipher.ts';
import type { StoredDestination } from './configuration/destination.ts';
import { type DeliveryStreamRow, streamsTable } from './rows.ts';

/**
 * The rows of delivery streams in the catalog. Secrets of their destinations are encrypted in them, under a key of the
 * delivery stream that is derived from the master key: neither the data folder nor a backup shows them without it.
 */
export class StoredStreams {
  readonly #table: Table<DeliveryStreamRow>;
  readonly #keys: KeyStore;

  constructor(catalog: Pick<Catalog, 'table'>, keys: KeyStore) {
    this.#table = streamsTable(catalog);
    this.#keys = keys;
  }

  /** All, with their secrets in clear. */
  *rows(): Generator<DeliveryStreamRow> {
    for (const [, row] of this.#table.entries()) yield this.#withSecrets(row, openText);
  }

  put(transaction: Transaction, row: DeliveryStreamRow): void {
    transaction.put(this.#table, row.name, this.#withSecrets(row, sealText));
  }

  delete(transaction: Transaction, name: string): void {
    transaction.delete(this.#table, name);
  }

  /** Encrypts all secrets under the present master key. Resolves with the number of delivery streams. */
  async reseal(catalog: Catalog): Promise<number> {
    const rows = [...this.rows()];
    await catalog.commit((transaction) => {
      for (const row of rows) this.put(transaction, row);
    });
    return rows.length;
  }

  #withSecrets(row: DeliveryStreamRow, change: Change): DeliveryStreamRow {
    const { destination, earlier } = row;
    const cipher = new PayloadCipher(this.#keys.deriveAll(`secrets of delivery stream ${row.id}`));
    const changed = (text: string): string => change(cipher, text);
    return {
      ...row,
      destination: withSecrets(destination, changed),
      ...(earlier && {
        earlier: earlier.map((one) => ({ ...one, destination: withSecrets(one.destination, changed) })),
      }),
    };
  }
}

type Change = (cipher: PayloadCipher, text: string) => string;

function withSecrets(destination: StoredDestination, change: (text: string) => string): StoredDestination {
  if (destination.kind !== 'HttpEndpoint') return destination;
  const { settings } = destination;
  const { AccessKey, ...endpoint } = settings.EndpointConfiguration;
  if (AccessKey === undefined) return destination;
  return {
    kind: 'HttpEndpoint',
    settings: { ...settings, EndpointConfiguration: { ...endpoint, AccessKey: change(AccessKey) } },
  };
}

/** The cipher leaves the first byte of a payload readable: it is for flags, and there are none. */
const FLAGS = Buffer.alloc(1);

function sealText(cipher: PayloadCipher, text: string): string {
  const payload = Buffer.concat([FLAGS, Buffer.from(text)]);
  const sealed = Buffer.alloc(payload.length + CIPHER_OVERHEAD_BYTES);
  cipher.seal(payload, sealed, 0);
  return sealed.toString('base64');
}

function openText(cipher: PayloadCipher, sealed: string): string {
  return cipher.open(Buffer.from(sealed, 'base64')).toString('utf8', FLAGS.length);
}
