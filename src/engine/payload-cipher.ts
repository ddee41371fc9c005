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

  constructor(key: Buffer) {
    this.#key = key;
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

  /** Returns the decrypted payload. Throws if it was not made by `seal` with this key. */
  open(sealed: Buffer): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, 1 + NONCE_BYTES));
    decipher.setAAD(sealed.subarray(0, 1));
    decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
    const payload = Buffer.allocUnsafe(sealed.length - CIPHER_OVERHEAD_BYTES);
    payload[0] = (sealed[0] ?? 0) & ~ENCRYPTED;
    decipher.update(sealed.subarray(HEAD_BYTES)).copy(payload, 1);
    decipher.final();
    return payload;
  }
}
