import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PackedRecords, IdempotencyKey } from '../../../engine/engine.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * The idempotency key of a put call. The digest tells a retry from another request that has the same id by accident:
 * it covers the stream, and the length and checksum of everything that is stored.
 */
export function idempotencyKeyOf(
  invocationId: string,
  stream: Stream,
  packed: PackedRecords,
): IdempotencyKey {
  const id = Buffer.from(invocationId.replaceAll('-', ''), 'hex');
  const digest = Buffer.allocUnsafe(12);
  digest.writeUInt32LE(crc32(packed.bytes, crc32(stream.id)), 0);
  digest.writeUInt32LE(packed.bytes.length, 4);
  digest.writeUInt32LE(packed.count, 8);
  return { id: id.length === 16 ? id : hash('md5', invocationId, 'buffer'), digest };
}

/** The idempotency key of a call of which only a part was stored; throttle/partial-puts.ts records which part. */
export function partialPutKey({ id, digest }: IdempotencyKey): IdempotencyKey {
  return { id, digest: Buffer.concat([digest, Buffer.from('part')]) };
}
