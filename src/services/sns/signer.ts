import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Catalog, Table } from '../../engine/catalog.ts';
import type { Clock } from '../../support/clock.ts';
import { selfSignedCertificate } from '../../support/x509.ts';
import { type SignedNotification, stringToSign, type UnsignedNotification } from './notification.ts';

const CERTIFICATE_LIFE_MS = 20 * 365 * 86_400_000;
const RSA_BITS = 2048;
/** Path on the server's own address; the file's name follows. */
export const CERTIFICATE_PATH = '/_nagare/sns/';

const generate = promisify(generateKeyPair);

interface KeyRow {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  readonly certificate: string;
  readonly fileName: string;
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly fileName: string;
}

/** Signs notifications with a key that the server creates on first use and stores. */
export class Signer {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #endpoint: () => string;
  readonly #table: Table<KeyRow>;
  #key: Promise<SigningKey> | undefined;

  constructor(catalog: Catalog, clock: Clock, endpoint: () => string) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#endpoint = endpoint;
    this.#table = catalog.table('sns.keys');
  }

  async sign(notification: UnsignedNotification): Promise<SignedNotification> {
    const { privateKey, fileName } = await this.#signingKey();
    const algorithm = notification.SignatureVersion === '1' ? 'sha1' : 'sha256';
    const signature = await new Promise<Buffer>((resolve, reject) => {
      sign(algorithm, Buffer.from(stringToSign(notification)), privateKey, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
    return {
      ...notification,
      Signature: signature.toString('base64'),
      SigningCertURL: `${this.#endpoint()}${CERTIFICATE_PATH}${fileName}`,
    };
  }

  /** Returns the certificate of that name, PEM. */
  certificate(fileName: string): string | undefined {
    const row = this.#table.get('current');
    return row?.fileName === fileName ? row.certificate : undefined;
  }

  #signingKey(): Promise<SigningKey> {
    if (this.#key === undefined) {
      this.#key = this.#load();
      // The next notification tries again.
      this.#key.catch(() => (this.#key = undefined));
    }
    return this.#key;
  }

  async #load(): Promise<SigningKey> {
    const row = this.#table.get('current') ?? (await this.#create());
    return { privateKey: createPrivateKey(row.privateKey), fileName: row.fileName };
  }

  async #create(): Promise<KeyRow> {
    const { privateKey } = await generate('rsa', { modulusLength: RSA_BITS });
    const nowMs = this.#clock.now();
    const certificate = selfSignedCertificate({
      privateKey,
      commonName: 'sns.nagare',
      notBeforeMs: nowMs - 86_400_000,
      notAfterMs: nowMs + CERTIFICATE_LIFE_MS,
    });
    const row: KeyRow = {
      // With type and format given, export returns a string.
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      certificate,
      fileName: `SimpleNotificationService-${createHash('md5').update(certificate).digest('hex')}.pem`,
    };
    await this.#catalog.commit((transaction) => transaction.put(this.#table, 'current', row));
    return row;
  }
}
