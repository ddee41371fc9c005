import { createHmac } from 'node:crypto';
import { authLimits } from '../limits.ts';

/** For what a key is derived. */
export interface KeyScope {
  /** `yyyymmdd`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Signing keys, which are derived by four HMACs and valid for a day: each is derived once. */
export class DerivedKeys {
  readonly #keys = new Map<string, { readonly secret: string; readonly key: Buffer }>();

  get(accessKeyId: string, secret: string, { date, region, service }: KeyScope): Buffer {
    const name = `${accessKeyId}/${date}/${region}/${service}`;
    const known = this.#keys.get(name);
    if (known !== undefined && known.secret === secret) return known.key;
    const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
    const derived = Buffer.from(key);
    if (this.#keys.size >= authLimits.derivedKeysMax) this.#keys.clear();
    this.#keys.set(name, { secret, key: derived });
    return derived;
  }
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
