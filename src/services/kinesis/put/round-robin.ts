import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { IdempotencyKey } from '../../../engine/engine.ts';

/**
 * Where in the order of shards a call begins to spread its records, with AUTO distribution: one after the other, so
 * that shards get the same number; but a call that may be repeated begins where its repeat does.
 */
export class RoundRobin {
  #next = randomInt(2 ** 31);

  next(token: IdempotencyKey | undefined): number {
    if (token !== undefined) return crc32(token.id);
    return this.#next++;
  }
}
