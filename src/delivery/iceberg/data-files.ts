import { createHash, webcrypto } from 'node:crypto';
import type { EncodedFile } from './encode-rows.ts';
import { icebergLimits } from './limits.ts';
import type { DataFile } from './manifests.ts';
import { partitionPath } from './partition-spec.ts';
import type { SourceRange } from './positions.ts';
import type { TableFiles } from './table-files.ts';
import type { TableMetadata } from './table-metadata.ts';

export interface WriteOptions {
  readonly files: TableFiles;
  readonly table: Pick<TableMetadata, 'location' | 'properties' | 'spec'>;
  readonly range: SourceRange;
}

/**
 * Writes a data file for each partition. The range of records and the content determine its name: a retry overwrites
 * its own files with the same bytes, but never those of an attempt that used another schema.
 */
export async function writeDataFiles(
  encoded: readonly EncodedFile[],
  options: WriteOptions,
): Promise<DataFile[]> {
  const written: DataFile[] = [];
  const waiting = encoded.values();
  const work = async (): Promise<void> => {
    for (const file of waiting) written.push(await writeDataFile(file, options));
  };
  await Promise.all(Array.from({ length: icebergLimits.filesAtOnceMax }, work));
  return written.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

async function writeDataFile(
  { partition, rows, body, stats }: EncodedFile,
  { files, table, range }: WriteOptions,
): Promise<DataFile> {
  const { spec, location, properties } = table;
  const folder = (properties['write.data.path'] ?? `${location}/data`).replace(/\/+$/, '');
  const path = `${folder}/${partitionPath(spec.fields, partition)}${await fileName(range, body)}.parquet`;
  await files.write(path, body);
  return { path, partition, records: rows, bytes: body.length, stats };
}

export async function fileName(range: SourceRange, body: Uint8Array): Promise<string> {
  const { deliveryId, shardId, firstSequenceNumber, lastSequenceNumber } = range;
  const delivery = createHash('sha256').update(deliveryId).digest('hex').slice(0, 8);
  // Hashed in a thread, because the files may be large.
  const digest = await webcrypto.subtle.digest('SHA-256', body);
  const content = Buffer.from(digest).toString('hex').slice(0, 16);
  return `${delivery}-${shardId}-${firstSequenceNumber}-${lastSequenceNumber}-${content}`;
}
