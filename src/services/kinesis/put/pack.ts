import type { PackedRecords } from '../../../engine/engine.ts';
import { RecordPacker } from '../../../engine/packed-records.ts';
import { packedBytes, packRecord } from '../records/record-codec.ts';
import { type HashKey, hashPartitionKey, parseHashKey } from '../shards/hash-key.ts';

export interface PutEntry {
  readonly partitionKey: string;
  /** Validated to be below 2^128. */
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
}

/** Packs records into memory from `allocate`. */
export function pack(entries: readonly PutEntry[], allocate?: (bytes: number) => Buffer): PackedRecords {
  let expectedBytes = 0;
  for (const { partitionKey, explicitHashKey, data } of entries) {
    expectedBytes += packedBytes(partitionKey, explicitHashKey, data);
  }
  const packer = new RecordPacker(expectedBytes, allocate);
  for (const entry of entries) packRecord(packer, entry.partitionKey, entry.explicitHashKey, entry.data);
  return packer.finish();
}

export function hashKeyOf({ partitionKey, explicitHashKey }: Omit<PutEntry, 'data'>): HashKey {
  const explicit = explicitHashKey === undefined ? undefined : parseHashKey(explicitHashKey);
  return explicit ?? hashPartitionKey(partitionKey);
}
