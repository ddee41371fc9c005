import { createHash, webcrypto } from 'node:crypto';
import { columnStats } from './column-stats.ts';
import type { ColumnValue } from './convert.ts';
import { icebergLimits } from './limits.ts';
import type { DataFile } from './manifests.ts';
import { encodeParquet, type ParquetCodec } from './parquet.ts';
import {
  type PartitionField,
  partitionPath,
  type PartitionSpec,
  type PartitionValue,
  transformed,
} from './partition-spec.ts';
import type { SourceRange } from './positions.ts';
import type { IcebergSchema } from './schema.ts';
import type { TableFiles } from './table-files.ts';
import type { TableMetadata } from './table-metadata.ts';

/** The rows of one partition, by columns. */
interface Partition {
  readonly values: readonly PartitionValue[];
  readonly columns: ColumnValue[][];
  rows: number;
  /** Of the records that the rows were. */
  bytes: number;
}

/** Sorts rows by the partitions of a table. The order of rows within a partition is kept. */
export class PartitionedRows {
  readonly #schema: IcebergSchema;
  readonly #fields: readonly PartitionField[];
  readonly #partitions = new Map<string, Partition>();

  constructor(schema: IcebergSchema, spec: PartitionSpec) {
    this.#schema = schema;
    this.#fields = spec.fields;
  }

  add(row: readonly ColumnValue[], bytes: number): void {
    const values = this.#fields.map((field) => transformed(field, this.#valueAt(row, field.path)));
    const partition = this.#partition(values);
    partition.rows++;
    partition.bytes += bytes;
    for (const [index, column] of partition.columns.entries()) column.push(row[index]);
  }

  get partitions(): Iterable<Partition> {
    return this.#partitions.values();
  }

  #partition(values: readonly PartitionValue[]): Partition {
    const name = values.map(nameOf).join('/');
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const made = { values, columns: this.#schema.fields.map(() => []), rows: 0, bytes: 0 };
    this.#partitions.set(name, made);
    return made;
  }

  #valueAt(row: readonly ColumnValue[], [name, ...below]: readonly string[]): unknown {
    const index = this.#schema.fields.findIndex((field) => field.name === name);
    // Structs were converted to objects by the names of their fields.
    return below.reduce<unknown>(
      (value, member) => (value as Readonly<Record<string, unknown>> | null)?.[member],
      row[index],
    );
  }
}

/** Different for different values, and for null. */
function nameOf(value: PartitionValue): string {
  if (value === null) return '';
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
  return `=${encodeURIComponent(text)}`;
}

export interface WriteOptions {
  readonly files: TableFiles;
  readonly table: Pick<TableMetadata, 'location' | 'properties' | 'schema' | 'spec'>;
  readonly codec: ParquetCodec;
  readonly range: SourceRange;
}

/**
 * Writes a data file for each partition. Its name follows from the range of records and the content: a retry
 * overwrites its own files with the same bytes, and never those of an attempt that saw another schema.
 */
export async function writeDataFiles(rows: PartitionedRows, options: WriteOptions): Promise<DataFile[]> {
  const files: DataFile[] = [];
  const waiting = rows.partitions[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      files.push(await writeDataFile(next.value, options));
    }
  };
  await Promise.all(Array.from({ length: icebergLimits.filesAtOnceMax }, work));
  return files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

async function writeDataFile(
  { values, columns, rows, bytes }: Partition,
  { files, table, codec, range }: WriteOptions,
): Promise<DataFile> {
  const { schema, spec, location, properties } = table;
  const { rowGroupBytes, rowGroupRowsMax } = icebergLimits;
  const perGroup = Math.ceil((rows * rowGroupBytes) / Math.max(bytes, 1));
  const body = await encodeParquet(schema, columns, codec, Math.min(perGroup, rowGroupRowsMax));
  const folder = (properties['write.data.path'] ?? `${location}/data`).replace(/\/+$/, '');
  const path = `${folder}/${partitionPath(spec.fields, values)}${await fileName(range, body)}.parquet`;
  await files.write(path, body);
  return {
    path,
    partition: values,
    records: rows,
    bytes: body.length,
    stats: columnStats(schema.fields, columns),
  };
}

export async function fileName(range: SourceRange, body: Uint8Array): Promise<string> {
  const { deliveryId, shardId, firstSequenceNumber, lastSequenceNumber } = range;
  const delivery = createHash('sha256').update(deliveryId).digest('hex').slice(0, 8);
  // Hashed by a thread: the files may be large.
  const digest = await webcrypto.subtle.digest('SHA-256', body);
  const content = Buffer.from(digest).toString('hex').slice(0, 16);
  return `${delivery}-${shardId}-${firstSequenceNumber}-${lastSequenceNumber}-${content}`;
}
