import type { KeyStore } from '../../../engine/key-store.ts';
import type { Stream } from '../streams/stream.ts';
import { RecordCipher } from './record-cipher.ts';

/** The record ciphers of streams, created on first use. */
export class Ciphers {
  readonly #keys: KeyStore;
  readonly #ciphers = new WeakMap<Stream, RecordCipher>();

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  of(stream: Stream): RecordCipher {
    let cipher = this.#ciphers.get(stream);
    if (cipher === undefined) {
      cipher = new RecordCipher(this.#keys.derive(`records of ${stream.id}`));
      this.#ciphers.set(stream, cipher);
    }
    return cipher;
  }
}
