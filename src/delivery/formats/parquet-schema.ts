import type { SchemaElement } from 'hyparquet';
import type { HiveField, HiveType } from './hive-type.ts';

/** The schema of a file with these columns. Columns and the values nested in them may be null. */
export function parquetSchema(fields: readonly HiveField[]): SchemaElement[] {
  return [
    { name: 'hive_schema', num_children: fields.length },
    ...fields.flatMap(({ name, type }) => elementsOf(name, type, 'OPTIONAL')),
  ];
}

type Repetition = 'OPTIONAL' | 'REQUIRED';

function elementsOf(name: string, type: HiveType, repetition: Repetition): SchemaElement[] {
  const head = { name, repetition_type: repetition };
  switch (type.kind) {
    case 'integer':
      return [{ ...head, ...integer(type.bits) }];
    case 'float':
      return [{ ...head, type: 'FLOAT' }];
    case 'double':
      return [{ ...head, type: 'DOUBLE' }];
    case 'boolean':
      return [{ ...head, type: 'BOOLEAN' }];
    case 'binary':
      return [{ ...head, type: 'BYTE_ARRAY' }];
    case 'text':
      return [{ ...head, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'date':
      return [{ ...head, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } }];
    case 'timestamp':
      return [{ ...head, ...timestamp }];
    case 'decimal':
      return [{ ...head, ...decimal(type.precision, type.scale) }];
    case 'array':
      return [
        { ...head, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elementsOf('element', type.element, 'OPTIONAL'),
      ];
    case 'map':
      return [
        { ...head, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        ...elementsOf('key', type.key, 'REQUIRED'),
        ...elementsOf('value', type.value, 'OPTIONAL'),
      ];
    case 'struct':
      return [
        { ...head, num_children: type.fields.length },
        ...type.fields.flatMap((field) => elementsOf(field.name, field.type, 'OPTIONAL')),
      ];
  }
}

const timestamp = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MICROS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
} as const;

function integer(bits: 8 | 16 | 32 | 64): Partial<SchemaElement> {
  if (bits === 64) return { type: 'INT64' };
  if (bits === 32) return { type: 'INT32' };
  // The library writes the newer annotation (INTEGER) in a way that Arrow cannot read.
  return { type: 'INT32', converted_type: bits === 8 ? 'INT_8' : 'INT_16' };
}

/** Has as many bytes as the precision needs, as in Hive. */
function decimal(precision: number, scale: number): Partial<SchemaElement> {
  let bytes = 1;
  while (2n ** BigInt(8 * bytes - 1) < 10n ** BigInt(precision)) bytes++;
  return {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: bytes,
    converted_type: 'DECIMAL',
    precision,
    scale,
    logical_type: { type: 'DECIMAL', precision, scale },
  };
}
