import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnValue } from './convert.ts';
import { type IcebergField, type IcebergSchema, type Primitive } from './schema.ts';
import { stringify } from './exact-json.ts';
import { decimalBytes, type ParquetCodec } from './parquet-codec.ts';

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/**
 * Encodes columns, each with the values of all rows, as a Parquet file with Iceberg's field ids. The same rows give the
 * same bytes.
 */
export function encodeParquet(
  schema: IcebergSchema,
  columns: readonly ColumnValue[][],
  codec: ParquetCodec,
  rowsPerGroup: number,
): Uint8Array {
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    codec,
    schema: parquetSchema(schema.fields),
    compressors: { GZIP: (input) => gzipSync(input), ZSTD: (input) => zstdCompressSync(input) },
    kvMetadata: [{ key: 'iceberg.schema', value: stringify(schema.json) }],
    createdBy: 'nagare',
  });
  // They are synchronous with this writer.
  void file.write({
    columnData: schema.fields.map(({ name }, index) => ({ name, data: columns[index] ?? [] })),
    rowGroupSize: rowsPerGroup,
  });
  void file.finish();
  return writer.getBytes();
}

/** https://iceberg.apache.org/spec/#parquet */
function parquetSchema(fields: readonly IcebergField[]): SchemaElement[] {
  return [
    { name: 'table', num_children: fields.length },
    ...fields.flatMap((field) => elements(field, field.name)),
  ];
}

function elements({ id, required, type }: IcebergField, name: string): SchemaElement[] {
  const common = {
    name,
    field_id: id,
    repetition_type: required ? ('REQUIRED' as const) : ('OPTIONAL' as const),
  };
  if (type.kind === 'struct') {
    const children = type.fields.flatMap((field) => elements(field, field.name));
    return [{ ...common, num_children: type.fields.length }, ...children];
  }
  if (type.kind === 'list') {
    return [
      { ...common, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elements(type.element, 'element'),
    ];
  }
  if (type.kind !== 'map') return [{ ...common, ...physical(type) }];
  return [
    { ...common, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
    { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
    ...elements(type.key, 'key'),
    ...elements(type.value, 'value'),
  ];
}

function physical(type: Primitive): Omit<SchemaElement, 'name'> {
  switch (type.kind) {
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'int':
      return { type: 'INT32' };
    case 'long':
      return { type: 'INT64' };
    case 'float':
      return { type: 'FLOAT' };
    case 'double':
      return { type: 'DOUBLE' };
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
    case 'time':
      return { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } };
    case 'timestamp':
      return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } };
    case 'timestamptz':
      return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } };
    case 'string':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'uuid':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } };
    case 'fixed':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: type.length };
    case 'binary':
      return { type: 'BYTE_ARRAY' };
    case 'decimal':
      return decimalElement(type);
  }
}

function decimalElement({
  precision,
  scale,
}: {
  precision: number;
  scale: number;
}): Omit<SchemaElement, 'name'> {
  const common = {
    converted_type: 'DECIMAL' as const,
    logical_type: { type: 'DECIMAL' as const, precision, scale },
    precision,
    scale,
  };
  if (precision <= 9) return { ...common, type: 'INT32' };
  if (precision <= 18) return { ...common, type: 'INT64' };
  return { ...common, type: 'FIXED_LEN_BYTE_ARRAY', type_length: decimalBytes(precision) };
}
