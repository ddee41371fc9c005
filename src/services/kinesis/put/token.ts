import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PackedRecords, IdempotencyKey } from '../../../engine/engine.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * Names a call that puts records. The digest tells a repeat from another request that bears the same id by accident:
 * the checksum of all that is to be stored, its length, and the stream.
 */
export function tokenOf(invocationId: string, stream: Stream, packed: PackedRecords): IdempotencyKey {
  const id = Buffer.from(invocationId.replaceAll('-', ''), 'hex');
  const digest = Buffer.allocUnsafe(12);
  digest.writeUInt32LE(crc32(packed.bytes, crc32(stream.id)), 0);
  digest.writeUInt32LE(packed.bytes.length, 4);
  digest.writeUInt32LE(packed.count, 8);
  return { id: id.length === 16 ? id : hash('md5', invocationId, 'buffer'), digest };
}

/** The same for a call of which only a part was stored: which one is told by a note (throttle/partial-puts.ts). */
export function partialToken({ id, digest }: IdempotencyKey): IdempotencyKey {
  return { id, digest: Buffer.concat([digest, Buffer.from('part')]) };
}
