import { randomFillSync } from 'node:crypto';
import { invocationBytes } from '../../engine/idempotency-key.ts';

const ID_BYTES = 16;
const POOL_BYTES = ID_BYTES * 256;

let pool = Buffer.alloc(0);
let used = 0;

/** 16 random bytes, as a version 4 UUID. Random bytes are fetched for many ids at once. */
export function newMessageId(): Buffer {
  if (used + ID_BYTES > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafe(POOL_BYTES));
    used = 0;
  }
  const id = pool.subarray(used, used + ID_BYTES);
  used += ID_BYTES;
  return asUuid(id);
}

/** Gives the next message of a call its id, by the MD5 of its body in hexadecimal. */
export type MessageIds = (digest: string) => Buffer;

/**
 * The ids of the messages of a call. With an `amz-sdk-invocation-id` a retry gives its messages the same ones, so that
 * it can be recognized, and its response is that to the first call.
 */
export function messageIdsOf(invocationId: string | undefined): MessageIds {
  if (invocationId === undefined) return newMessageId;
  const base = invocationBytes(invocationId);
  let ordinal = 0;
  return (digest) => {
    const id = Buffer.from(digest, 'hex');
    for (let at = 0; at < ID_BYTES; at++) id[at] = (id[at] ?? 0) ^ (base[at] ?? 0);
    id[ID_BYTES - 1] = (id[ID_BYTES - 1] ?? 0) ^ ordinal++;
    return asUuid(id);
  };
}

function asUuid(id: Buffer): Buffer {
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id;
}

/** A message id as clients see it. */
export function messageIdText(id: Buffer): string {
  const hex = id.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
