import { decimalBytes } from './parquet-codec.ts';
import { type PartitionField, resultType } from './partition-spec.ts';
import type { IcebergType } from './schema.ts';

/** The Avro schemas of manifests and manifest lists: https://iceberg.apache.org/spec/#manifests */

const required = (name: string, id: number, type: unknown) => ({ name, type, 'field-id': id });

const optional = (name: string, id: number, type: unknown) => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
});

/** A map with integer keys, as Iceberg writes them in Avro. */
const mapOf = (keyId: number, valueId: number, value: string) => ({
  type: 'array',
  logicalType: 'map',
  items: {
    type: 'record',
    name: `k${keyId}_v${valueId}`,
    fields: [required('key', keyId, 'int'), required('value', valueId, value)],
  },
});

/** The entries of a manifest for files of one partition spec. */
export function manifestEntrySchema(fields: readonly PartitionField[]) {
  const dataFile = [
    required('content', 134, 'int'),
    required('file_path', 100, 'string'),
    required('file_format', 101, 'string'),
    required('partition', 102, { type: 'record', name: 'r102', fields: fields.map(partitionField) }),
    required('record_count', 103, 'long'),
    required('file_size_in_bytes', 104, 'long'),
    optional('value_counts', 109, mapOf(119, 120, 'long')),
    optional('null_value_counts', 110, mapOf(121, 122, 'long')),
    optional('lower_bounds', 125, mapOf(126, 127, 'bytes')),
    optional('upper_bounds', 128, mapOf(129, 130, 'bytes')),
    optional('sort_order_id', 140, 'int'),
  ];
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      required('status', 0, 'int'),
      optional('snapshot_id', 1, 'long'),
      optional('sequence_number', 3, 'long'),
      optional('file_sequence_number', 4, 'long'),
      required('data_file', 2, { type: 'record', name: 'r2', fields: dataFile }),
    ],
  };
}

function partitionField(field: PartitionField) {
  const type = avroType(resultType(field), field.fieldId);
  return { ...optional(avroName(field.name), field.fieldId, type), 'iceberg-field-name': field.name };
}

/** https://iceberg.apache.org/spec/#avro */
function avroType(type: IcebergType, fieldId: number): unknown {
  switch (type.kind) {
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'time':
      return { type: 'long', logicalType: 'time-micros' };
    case 'timestamp':
    case 'timestamptz':
      return {
        type: 'long',
        logicalType: 'timestamp-micros',
        'adjust-to-utc': type.kind === 'timestamptz',
      };
    case 'uuid':
      return { type: 'fixed', name: `uuid_${fieldId}`, size: 16, logicalType: 'uuid' };
    case 'fixed':
      return { type: 'fixed', name: `fixed_${fieldId}`, size: type.length };
    case 'decimal': {
      const { precision, scale } = type;
      const name = `decimal_${fieldId}`;
      return {
        type: 'fixed',
        name,
        size: decimalBytes(precision),
        logicalType: 'decimal',
        precision,
        scale,
      };
    }
    case 'binary':
      return 'bytes';
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
      return type.kind;
    case 'struct':
    case 'list':
    case 'map':
      throw new Error('a partition has primitive values only');
  }
}

/** Makes a name valid in Avro, as Iceberg's own libraries do. */
export function avroName(name: string): string {
  const valid = name.replace(/[^A-Za-z0-9_]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `_x${code}`;
  });
  return /^\d/.test(valid) ? `_${valid}` : valid;
}

/** Fields of format version 2, in the order of the specification. */
export const manifestListSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    required('manifest_path', 500, 'string'),
    required('manifest_length', 501, 'long'),
    required('partition_spec_id', 502, 'int'),
    required('content', 517, 'int'),
    required('sequence_number', 515, 'long'),
    required('min_sequence_number', 516, 'long'),
    required('added_snapshot_id', 503, 'long'),
    required('added_files_count', 504, 'int'),
    required('existing_files_count', 505, 'int'),
    required('deleted_files_count', 506, 'int'),
    required('added_rows_count', 512, 'long'),
    required('existing_rows_count', 513, 'long'),
    required('deleted_rows_count', 514, 'long'),
    optional('partitions', 507, {
      type: 'array',
      'element-id': 508,
      items: {
        type: 'record',
        name: 'r508',
        fields: [
          required('contains_null', 509, 'boolean'),
          optional('contains_nan', 518, 'boolean'),
          optional('lower_bound', 510, 'bytes'),
          optional('upper_bound', 511, 'bytes'),
        ],
      },
    }),
    optional('key_metadata', 519, 'bytes'),
  ],
};
