import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { IdempotencyKey } from '../../../engine/engine.ts';

/**
 * With AUTO distribution: the shard at which a call starts to distribute its records, one after the other, so that
 * all shards get the same number. A call with an invocation id starts where its retry will.
 */
export class RoundRobin {
  #next = randomInt(2 ** 31);

  next(key: IdempotencyKey | undefined): number {
    if (key !== undefined) return crc32(key.id);
    return this.#next++;
  }
}
