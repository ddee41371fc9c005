import type { RefusedAt } from '../packed-records.ts';
import { type ColumnStats, columnStats } from './column-stats.ts';
import { RowConverter, rowOf } from './columns.ts';
import { RecordRefusal } from './errors.ts';
import { icebergLimits } from './limits.ts';
import type { ParquetCodec } from './parquet-codec.ts';
import { encodeParquet } from './parquet.ts';
import type { PartitionSpec, PartitionValue } from './partition-spec.ts';
import { type Partition, PartitionedRows } from './partitioned-rows.ts';
import type { IcebergSchema } from './schema.ts';

/** All that data files depend on besides their records; it can be posted to a thread. */
export interface EncodeOptions {
  readonly schema: IcebergSchema;
  readonly spec: PartitionSpec;
  /** Undefined: no files are needed, only which records are refused. */
  readonly codec?: ParquetCodec | undefined;
}

/** The data file of one partition. */
export interface EncodedFile {
  readonly partition: readonly PartitionValue[];
  readonly rows: number;
  readonly body: Uint8Array;
  readonly stats: readonly ColumnStats[];
}

export interface EncodedRows {
  readonly files: readonly EncodedFile[];
  readonly refused: readonly RefusedAt[];
}

/** Converts records, each one JSON object, to data files, one for each partition. */
export function encodeRows(
  { schema, spec, codec }: EncodeOptions,
  records: Iterable<Uint8Array>,
): EncodedRows {
  const converter = new RowConverter(schema);
  const rows = new PartitionedRows(schema, spec);
  const refused: RefusedAt[] = [];
  let index = 0;
  for (const data of records) {
    const row = rowOf(converter, data);
    if (row instanceof RecordRefusal) refused.push({ index, errorCode: row.code, errorMessage: row.message });
    else rows.add(row, data.length);
    index++;
  }
  const files = codec === undefined ? [] : [...rows.partitions].map((one) => encodeFile(schema, codec, one));
  return { files, refused };
}

function encodeFile(
  schema: IcebergSchema,
  codec: ParquetCodec,
  { values, columns, rows, bytes }: Partition,
): EncodedFile {
  const { rowGroupBytes, rowGroupRowsMax } = icebergLimits;
  const perGroup = Math.ceil((rows * rowGroupBytes) / Math.max(bytes, 1));
  const body = encodeParquet(schema, columns, codec, Math.min(perGroup, rowGroupRowsMax));
  return { partition: values, rows, body, stats: columnStats(schema.fields, columns) };
}
