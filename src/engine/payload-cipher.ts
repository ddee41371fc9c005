import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

/** The first byte of a payload has flags of its owner; this one is the cipher's. */
export const ENCRYPTED = 1;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** How many bytes encryption adds to a payload. */
export const CIPHER_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/**
 * Encrypts payloads at rest: AES-256-GCM under the key of their owner, a stream or a delivery. The flags stay readable and are
 * authenticated; then follow the nonce, the tag and the encrypted rest of the payload.
 */
export class PayloadCipher {
  readonly #key: Buffer;
  readonly #earlier: readonly Buffer[];

  /** Payloads that were encrypted under the earlier keys are decrypted too. */
  constructor(key: Buffer | readonly Buffer[]) {
    const [newest, ...earlier] = Buffer.isBuffer(key) ? [key] : key;
    if (newest === undefined) throw new Error('a cipher needs a key');
    this.#key = newest;
    this.#earlier = earlier;
  }

  /** Writes the encrypted form of `payload` to `target` at `offset`: CIPHER_OVERHEAD_BYTES longer. */
  seal(payload: Buffer, target: Buffer, offset: number): void {
    target[offset] = (payload[0] ?? 0) | ENCRYPTED;
    const nonce = target.subarray(offset + 1, offset + 1 + NONCE_BYTES);
    randomFillSync(nonce);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(target.subarray(offset, offset + 1));
    cipher.update(payload.subarray(1)).copy(target, offset + HEAD_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(target, offset + 1 + NONCE_BYTES);
  }

  /** Returns the decrypted payload. Throws if it was not made by `seal` with one of the keys. */
  open(sealed: Buffer): Buffer {
    if (this.#earlier.length === 0) return open(sealed, this.#key);
    try {
      return open(sealed, this.#key);
    } catch (error) {
      for (const key of this.#earlier) {
        try {
          return open(sealed, key);
        } catch {
          // It may be of another one.
        }
      }
      throw error;
    }
  }
}

function open(sealed: Buffer, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(sealed.subarray(0, 1));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  const payload = Buffer.allocUnsafe(sealed.length - CIPHER_OVERHEAD_BYTES);
  payload[0] = (sealed[0] ?? 0) & ~ENCRYPTED;
  decipher.update(sealed.subarray(HEAD_BYTES)).copy(payload, 1);
  decipher.final();
  return payload;
}
