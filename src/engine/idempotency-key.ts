import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { IdempotencyKey, PackedRecords } from './engine.ts';

/**
 * The idempotency key of a put call, by its `amz-sdk-invocation-id`. `owner` is the id of the stream or queue. The
 * digest tells a retry from another request that has the same id by accident: it covers the owner, and the length and
 * checksum of everything that is stored.
 */
export function idempotencyKeyOf(
  invocationId: string,
  owner: string,
  ...stored: readonly PackedRecords[]
): IdempotencyKey {
  let [checksum, bytes, count] = [crc32(owner), 0, 0];
  for (const packed of stored) {
    checksum = crc32(packed.bytes, checksum);
    bytes += packed.bytes.length;
    count += packed.count;
  }
  const digest = Buffer.allocUnsafe(12);
  digest.writeUInt32LE(checksum, 0);
  digest.writeUInt32LE(bytes, 4);
  digest.writeUInt32LE(count, 8);
  return { id: invocationBytes(invocationId), digest };
}

/** The idempotency key of a call that stores something else than it was sent; `content` is what it was sent. */
export function callKeyOf(
  invocationId: string | undefined,
  owner: string,
  content: Uint8Array,
): IdempotencyKey | undefined {
  return invocationId === undefined
    ? undefined
    : idempotencyKeyOf(invocationId, owner, { count: 1, bytes: content });
}

/** 16 bytes that stand for an `amz-sdk-invocation-id`, which usually is a UUID. */
export function invocationBytes(invocationId: string): Buffer {
  const id = Buffer.from(invocationId.replaceAll('-', ''), 'hex');
  return id.length === 16 ? id : hash('md5', invocationId, 'buffer');
}

/** A UUID that is the same for all attempts of a call. */
export function repeatableId(invocationId: string, ordinal: number): string {
  const id = hash('md5', `${invocationId} ${ordinal}`);
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}`;
}
