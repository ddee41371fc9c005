import { ByteReader, ByteWriter } from './bytes.ts';
import type { RowKey } from './row-key.ts';

/** `value` is the row as JSON; null for a deletion. */
export type DiskRowChange = readonly [key: RowKey, value: string | null];

/**
 * Encodes the row changes of disk tables in a frame, one after another:
 *   varint bytes of the key | varint bytes of the value, plus 1; 0 for a deletion | key | value
 */
export function encodeRowChanges(changes: Iterable<DiskRowChange>): Buffer {
  const out = new ByteWriter(1024);
  for (const [key, value] of changes) {
    out.varint(key.length);
    out.varint(value === null ? 0 : Buffer.byteLength(value) + 1);
    out.text(key, 'latin1');
    if (value !== null) out.text(value, 'utf8');
  }
  return out.finish();
}

/** Throws RangeError when the bytes are not valid. */
export function* decodeRowChanges(bytes: Buffer): IterableIterator<DiskRowChange> {
  const from = new ByteReader(bytes);
  while (from.left > 0) {
    const [keyBytes, valueBytes] = [from.varint(), from.varint()];
    const key = from.bytes(keyBytes).toString('latin1');
    yield [key, valueBytes === 0 ? null : from.bytes(valueBytes - 1).toString()];
  }
}
