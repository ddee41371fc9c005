import type { KeyStore } from '../../../engine/key-store.ts';
import type { Stream } from '../streams/stream.ts';
import { PayloadCipher } from '../../../engine/payload-cipher.ts';

/** The record ciphers of streams, created on first use. */
export class Ciphers {
  readonly #keys: KeyStore;
  readonly #ciphers = new WeakMap<Stream, PayloadCipher>();

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  of(stream: Stream): PayloadCipher {
    let cipher = this.#ciphers.get(stream);
    if (cipher === undefined) {
      cipher = new PayloadCipher(this.#keys.deriveAll(`records of ${stream.id}`));
      this.#ciphers.set(stream, cipher);
    }
    return cipher;
  }
}
