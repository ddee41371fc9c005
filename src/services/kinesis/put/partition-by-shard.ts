import type { AppendBatch, PackedRecords } from '../../../engine/engine.ts';
import { checked, LENGTH_BYTES, unpack } from '../../../engine/packed-records.ts';
import { CIPHER_OVERHEAD_BYTES, type PayloadCipher } from '../../../engine/payload-cipher.ts';
import { asBuffer } from '../../../support/as-buffer.ts';
import type { Shard } from '../shards/shard.ts';

interface ShardPart {
  readonly shard: Shard;
  bytes: number;
  count: number;
  at: number;
  buffer: Buffer;
}

/**
 * Returns a batch for each shard, in the order in which the shards first occur; within a batch, records keep their
 * order. `shards` has the shard of each record. With a cipher, the records are encrypted. The result does not refer
 * to reused memory.
 */
export function partitionByShard(
  packed: PackedRecords,
  packedIsReused: boolean,
  shards: readonly Shard[],
  cipher: PayloadCipher | undefined,
): AppendBatch[] {
  const [first] = shards;
  if (first === undefined) return [];
  if (cipher === undefined && shards.every((shard) => shard === first)) {
    const bytes = packedIsReused ? Buffer.from(packed.bytes) : packed.bytes;
    return [{ log: first.log, records: checked({ count: packed.count, bytes }) }];
  }
  const shares = measure(packed, shards, cipher === undefined ? 0 : CIPHER_OVERHEAD_BYTES);
  for (const share of shares.values()) share.buffer = Buffer.allocUnsafe(share.bytes);
  const bytes = asBuffer(packed.bytes);
  unpack(packed, (ordinal, offset, length) => {
    const share = shares.get(shards[ordinal] ?? first);
    if (share === undefined) return;
    const { buffer, at } = share;
    if (cipher === undefined) {
      bytes.copy(buffer, at, offset - LENGTH_BYTES, offset + length);
      share.at += LENGTH_BYTES + length;
    } else {
      buffer.writeUInt32LE(length + CIPHER_OVERHEAD_BYTES, at);
      cipher.seal(bytes.subarray(offset, offset + length), buffer, at + LENGTH_BYTES);
      share.at += LENGTH_BYTES + length + CIPHER_OVERHEAD_BYTES;
    }
  });
  return [...shares.values()].map(({ shard, count, buffer }) => ({
    log: shard.log,
    records: checked({ count, bytes: buffer }),
  }));
}

const NOTHING = Buffer.alloc(0);

function measure(
  packed: PackedRecords,
  shards: readonly Shard[],
  overheadBytes: number,
): Map<Shard, ShardPart> {
  const shares = new Map<Shard, ShardPart>();
  unpack(packed, (ordinal, _offset, length) => {
    const shard = shards[ordinal];
    if (shard === undefined) return;
    let share = shares.get(shard);
    if (share === undefined) {
      share = { shard, bytes: 0, count: 0, at: 0, buffer: NOTHING };
      shares.set(shard, share);
    }
    share.bytes += LENGTH_BYTES + length + overheadBytes;
    share.count++;
  });
  return shares;
}
