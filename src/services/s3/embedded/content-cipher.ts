import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyStore } from '../../../engine/key-store.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const STREAM_ID_BYTES = 8;
const FIRST_STREAM: KeyStream = { from: 0, id: '00'.repeat(STREAM_ID_BYTES) };

/** Encrypts or decrypts consecutive bytes, starting at the offset it was created for. */
export type CipherFunction = (bytes: Uint8Array) => Uint8Array;

/** The key of one content, and its stored form: encrypted with the master key. */
export interface ContentKey {
  readonly wrapped: string;
  /**
   * Encryption and decryption are the same operation: AES-256 in counter mode. `streams` are those of the content,
   * in their order.
   */
  from(offset: number, streams?: readonly KeyStream[]): CipherFunction;
}

/** From this byte of the content on, another key stream was used. The first one, from 0 on, is not listed. */
export interface KeyStream {
  readonly from: number;
  /** 8 bytes, hexadecimal: the first half of the counter. That of the first stream is zero. */
  readonly id: string;
}

export const newStreamId = (): string => randomBytes(STREAM_ID_BYTES).toString('hex');

/** The stored key of a content was not encrypted with this server's master key, or is damaged. */
export class ContentKeyError extends Error {
  override readonly name = 'ContentKeyError';
}

/**
 * Each encrypted content has its own random key, so its counter can start at 0 and any range can be read separately.
 * Damage is detected by block sums, which are computed over the stored (encrypted) bytes.
 */
export class ContentKeys {
  readonly #open: () => Promise<KeyStore>;
  #masters: Promise<readonly Buffer[]> | undefined;

  /** The master key is opened on first use. */
  constructor(open: () => Promise<KeyStore>) {
    this.#open = open;
  }

  async make(): Promise<ContentKey> {
    const key = randomBytes(KEY_BYTES);
    return contentKey(await this.#wrap(key), key);
  }

  /** Throws ContentKeyError. */
  async unwrap(wrapped: string): Promise<ContentKey> {
    return contentKey(wrapped, await this.#unwrap(wrapped));
  }

  /** Encrypts a key under the present master key. Throws ContentKeyError. */
  async rewrap(wrapped: string): Promise<string> {
    return await this.#wrap(await this.#unwrap(wrapped));
  }

  async #wrap(key: Buffer): Promise<string> {
    const [master] = await this.#masterKeys();
    if (master === undefined) throw new Error('there is no master key');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', master, nonce);
    const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  async #unwrap(wrapped: string): Promise<Buffer> {
    const bytes = Buffer.from(wrapped, 'base64');
    let cause: unknown;
    for (const master of await this.#masterKeys()) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', master, bytes.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      } catch (error) {
        cause ??= error;
      }
    }
    throw new ContentKeyError('its key cannot be decrypted', { cause });
  }

  async #masterKeys(): Promise<readonly Buffer[]> {
    this.#masters ??= this.#open().then((keys) => keys.deriveAll('s3 objects'));
    this.#masters.catch(() => (this.#masters = undefined));
    return await this.#masters;
  }
}

function contentKey(wrapped: string, key: Buffer): ContentKey {
  return {
    wrapped,
    from(offset, streams = []) {
      const rest = [FIRST_STREAM, ...streams];
      let at = offset;
      let cipher: ReturnType<typeof cipherAt> | undefined;
      /** As many bytes as the stream at `at` is used for. */
      const crypt = (bytes: Uint8Array): Buffer => {
        for (let next = rest[1]; next !== undefined && next.from <= at; next = rest[1]) {
          rest.shift();
          cipher = undefined;
        }
        const [stream = FIRST_STREAM, next] = rest;
        cipher ??= cipherAt(key, stream.id, at);
        const piece = next === undefined ? bytes : bytes.subarray(0, next.from - at);
        at += piece.length;
        return cipher.update(piece);
      };
      return (bytes) => {
        let done = crypt(bytes);
        while (done.length < bytes.length) done = Buffer.concat([done, crypt(bytes.subarray(done.length))]);
        return done;
      };
    },
  };
}

function cipherAt(key: Buffer, streamId: string, offset: number): ReturnType<typeof createCipheriv> {
  const counter = Buffer.alloc(BLOCK_BYTES);
  counter.write(streamId, 'hex');
  counter.writeBigUInt64BE(BigInt(Math.floor(offset / BLOCK_BYTES)), STREAM_ID_BYTES);
  const cipher = createCipheriv('aes-256-ctr', key, counter);
  cipher.update(Buffer.alloc(offset % BLOCK_BYTES));
  return cipher;
}
