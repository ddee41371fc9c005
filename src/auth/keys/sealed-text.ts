import { CIPHER_OVERHEAD_BYTES, PayloadCipher } from '../../engine/payload-cipher.ts';

/** Encrypts short texts with a key derived from the master key. */
export class TextSealer {
  readonly #cipher: PayloadCipher;

  /** Texts that were encrypted under earlier keys, which follow the first one, are decrypted too. */
  constructor(key: Buffer | readonly Buffer[]) {
    this.#cipher = new PayloadCipher(key);
  }

  seal(text: string): string {
    // The first byte has the cipher's flags.
    const payload = Buffer.concat([Buffer.alloc(1), Buffer.from(text)]);
    const sealed = Buffer.alloc(payload.length + CIPHER_OVERHEAD_BYTES);
    this.#cipher.seal(payload, sealed, 0);
    return sealed.toString('base64');
  }

  /** Undefined for a text that was not sealed with this key. */
  open(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length <= CIPHER_OVERHEAD_BYTES) return undefined;
    try {
      return this.#cipher.open(bytes).subarray(1).toString();
    } catch {
      return undefined;
    }
  }
}
