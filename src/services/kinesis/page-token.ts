import { createHmac, timingSafeEqual } from 'node:crypto';
import { limits } from '../../limits.ts';
import type { Clock } from '../../support/clock.ts';
import { expiredNextToken, invalidArgument } from './errors.ts';

const MAC_BYTES = 16;

/** NextToken of the list operations: what the next page needs to know, signed, good for five minutes. */
export class PageTokens {
  readonly #key: Buffer;
  readonly #clock: Clock;

  constructor(key: Buffer, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  /** `kind` keeps the tokens of one operation from another's. */
  encode(kind: string, page: object): string {
    const body = Buffer.from(JSON.stringify({ kind, createdMs: this.#clock.now(), page }));
    return Buffer.concat([this.#mac(body), body]).toString('base64');
  }

  /**
   * The page as `encode` was given it for that kind. Throws InvalidArgumentException for what this server has not made, ExpiredNextTokenException
   * for an old one.
   */
  decode(kind: string, token: string): unknown {
    const bytes = Buffer.from(token, 'base64');
    const body = bytes.subarray(MAC_BYTES);
    if (bytes.length <= MAC_BYTES || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.#mac(body))) {
      throw invalidArgument('NextToken is invalid.');
    }
    // The code says that it is what `encode` has made.
    const {
      kind: made,
      createdMs,
      page,
    } = JSON.parse(body.toString()) as {
      kind: string;
      createdMs: number;
      page: unknown;
    };
    if (made !== kind) throw invalidArgument('NextToken is invalid.');
    const nowMs = this.#clock.now();
    if (nowMs - createdMs > limits.kinesisNextTokenLifeMs) {
      throw expiredNextToken(createdMs, nowMs, limits.kinesisNextTokenLifeMs);
    }
    return page;
  }

  #mac(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, MAC_BYTES);
  }
}
