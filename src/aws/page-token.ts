import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../support/clock.ts';

const MAC_BYTES = 16;

export interface PageTokenRules {
  /** Signs the tokens. Without a key clients can forge tokens, with which they can only start a page anywhere. */
  readonly key?: Buffer;
  /** How long a token is valid, and the error for an expired one; default: forever. */
  readonly life?: {
    readonly ms: number;
    readonly clock: Clock;
    readonly expired: (createdMs: number, nowMs: number) => Error;
  };
  /** The service's error for a token that it did not create. */
  readonly invalid: () => Error;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/** NextToken of the list operations: where the next page starts. Opaque to clients, without state on the server. */
export class PageTokens {
  readonly #rules: PageTokenRules;

  constructor(rules: PageTokenRules) {
    this.#rules = rules;
  }

  /** `kind` distinguishes the tokens of different operations. */
  encode(kind: string, page: unknown): string {
    const createdMs = this.#rules.life?.clock.now();
    const body = Buffer.from(JSON.stringify({ kind, createdMs, page }));
    // Not base64url: it may begin with a hyphen, which a command line takes for an option.
    return Buffer.concat([this.#mac(body), body]).toString('base64');
  }

  /** Returns the page that was passed to `encode` for that kind. Throws the service's errors. */
  decode(kind: string, token: string): unknown {
    const { life, invalid } = this.#rules;
    const made = this.#read(token);
    if (made === undefined || made['kind'] !== kind) throw invalid();
    if (life === undefined) return made['page'];
    const createdMs = made['createdMs'];
    if (typeof createdMs !== 'number') throw invalid();
    const nowMs = life.clock.now();
    if (nowMs - createdMs > life.ms) throw life.expired(createdMs, nowMs);
    return made['page'];
  }

  /** The `size` items after the one whose key the token contains. `items` must be ordered by key. */
  pageOf<Item>(
    kind: string,
    items: Iterable<Item>,
    keyOf: (item: Item) => string,
    size: number,
    token: string | undefined,
  ): Page<Item> {
    const after = token === undefined ? undefined : this.decode(kind, token);
    if (after !== undefined && typeof after !== 'string') throw this.#rules.invalid();
    const found: Item[] = [];
    for (const item of items) {
      if (after !== undefined && keyOf(item) <= after) continue;
      const last = found.at(-1);
      if (found.length === size && last !== undefined) {
        return { items: found, nextToken: this.encode(kind, keyOf(last)) };
      }
      found.push(item);
    }
    return { items: found, nextToken: undefined };
  }

  #read(token: string): Readonly<Record<string, unknown>> | undefined {
    const bytes = Buffer.from(token, 'base64');
    const macBytes = this.#rules.key === undefined ? 0 : MAC_BYTES;
    if (bytes.length <= macBytes) return undefined;
    const body = bytes.subarray(macBytes);
    if (macBytes > 0 && !timingSafeEqual(bytes.subarray(0, macBytes), this.#mac(body))) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(body.toString());
    } catch {
      return undefined;
    }
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  }

  #mac(body: Buffer): Buffer {
    const { key } = this.#rules;
    if (key === undefined) return Buffer.alloc(0);
    return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
  }
}
