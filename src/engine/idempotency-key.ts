import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { IdempotencyKey, PackedRecords } from './engine.ts';

/**
 * The idempotency key of a put call, by its `amz-sdk-invocation-id`. `owner` is the id of the stream. The digest tells a retry from another request that has the same id by accident:
 * it covers the stream, and the length and checksum of everything that is stored.
 */
export function idempotencyKeyOf(invocationId: string, owner: string, packed: PackedRecords): IdempotencyKey {
  const id = Buffer.from(invocationId.replaceAll('-', ''), 'hex');
  const digest = Buffer.allocUnsafe(12);
  digest.writeUInt32LE(crc32(packed.bytes, crc32(owner)), 0);
  digest.writeUInt32LE(packed.bytes.length, 4);
  digest.writeUInt32LE(packed.count, 8);
  return { id: id.length === 16 ? id : hash('md5', invocationId, 'buffer'), digest };
}
