import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { authLimits } from '../limits.ts';

/** For what a key is derived. */
export interface KeyScope {
  /** `yyyymmdd`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/**
 * A key that signs by HMAC-SHA256 (RFC 2104), with its two paddings made once. Node's createHmac makes key objects for
 * each signature, which takes ten times as long as the hashes.
 */
export class SigningKey {
  /** The key with the inner padding. */
  readonly #inner = Buffer.alloc(BLOCK_BYTES, 0x36);
  /** The key with the outer padding, and room for the inner hash. */
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES, 0x5c);
  /** Two signatures in hexadecimal that are compared. */
  readonly #right = Buffer.alloc(2 * HASH_BYTES);
  readonly #given = Buffer.alloc(2 * HASH_BYTES);

  /** `key` is not longer than a block of the hash. */
  constructor(key: Uint8Array) {
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = byte ^ 0x36;
      this.#outer[at] = byte ^ 0x5c;
    }
  }

  /** In hexadecimal. */
  sign(text: string): string {
    const message = Buffer.allocUnsafe(BLOCK_BYTES + Buffer.byteLength(text));
    message.set(this.#inner);
    message.write(text, BLOCK_BYTES);
    // A text, even of bytes, is made faster than a buffer.
    this.#outer.write(hash('sha256', message, 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'hex');
  }

  /** Whether a signature in hexadecimal is the right one, compared in constant time. */
  verifies(text: string, signature: string): boolean {
    if (signature.length !== this.#given.length) return false;
    this.#right.write(this.sign(text), 'latin1');
    this.#given.write(signature, 'latin1');
    return timingSafeEqual(this.#right, this.#given);
  }
}

/** Signing keys, which are derived by four HMACs and valid for a day: each is derived once. */
export class DerivedKeys {
  readonly #keys = new Map<string, { readonly secret: string; readonly key: SigningKey }>();

  get(accessKeyId: string, secret: string, { date, region, service }: KeyScope): SigningKey {
    const name = `${accessKeyId}/${date}/${region}/${service}`;
    const known = this.#keys.get(name);
    if (known !== undefined && known.secret === secret) return known.key;
    const parts = [date, region, service, 'aws4_request'];
    const key = new SigningKey(parts.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`)));
    if (this.#keys.size >= authLimits.derivedKeysMax) this.#keys.clear();
    this.#keys.set(name, { secret, key });
    return key;
  }
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
