import { type ColumnValue, type Converter, fieldConverter, InexactNumber, isObject } from './convert.ts';
import { RecordRefusal } from './errors.ts';
import { parseWithNumberTexts } from './exact-json.ts';
import { fieldsWithin, type IcebergField, type IcebergType, type StructType } from './schema.ts';

/** Converts records, each one JSON object, to rows of a table. */
export class RowConverter {
  readonly fields: readonly IcebergField[];
  readonly #converters: readonly Converter[];
  readonly #keys: ColumnKeys;
  /** JSON.parse would round numbers that a decimal column keeps exactly. */
  readonly #needsTexts: boolean;

  constructor(schema: StructType) {
    this.fields = schema.fields;
    this.#converters = schema.fields.map(fieldConverter);
    this.#keys = new ColumnKeys(schema.fields);
    this.#needsTexts = hasDecimal(schema);
  }

  /** Returns the values of the columns, in order. Throws RecordRefusal. */
  row(data: Uint8Array): ColumnValue[] {
    const text = textOf(data);
    if (this.#needsTexts) return this.#convert(parseObject(text, parseWithNumberTexts));
    try {
      return this.#convert(parseObject(text, JSON.parse));
    } catch (error) {
      if (!(error instanceof InexactNumber)) throw error;
      return this.#convert(parseObject(text, parseWithNumberTexts));
    }
  }

  #convert(record: Readonly<Record<string, unknown>>): ColumnValue[] {
    const found = this.#keys.valuesOf(record);
    return this.#converters.map((convert, index) => convert(found[index], this.fields[index]?.name ?? ''));
  }
}

export function rowOf(converter: RowConverter, data: Uint8Array): ColumnValue[] | RecordRefusal {
  try {
    return converter.row(data);
  } catch (error) {
    if (error instanceof RecordRefusal) return error;
    throw error;
  }
}

/** Finds the columns of keys: by exact name, otherwise by name ignoring case, as query engines do. */
export class ColumnKeys {
  readonly #exact = new Map<string, number>();
  readonly #folded = new Map<string, number>();
  readonly #count: number;

  constructor(fields: readonly Pick<IcebergField, 'name'>[]) {
    this.#count = fields.length;
    for (const [index, { name }] of fields.entries()) {
      this.#exact.set(name, index);
      this.#folded.set(name.toLowerCase(), index);
    }
  }

  /** Undefined for a key that has no column. */
  indexOf(key: string): number | undefined {
    return this.#exact.get(key) ?? this.#folded.get(key.toLowerCase());
  }

  /** Keys without a column are ignored, as on AWS. Throws RecordRefusal. */
  valuesOf(record: Readonly<Record<string, unknown>>): unknown[] {
    const values = Array.from<unknown>({ length: this.#count });
    for (const [key, value] of Object.entries(record)) {
      const index = this.indexOf(key);
      if (index === undefined) continue;
      if (values[index] !== undefined) {
        throw new RecordRefusal(
          'Iceberg.AmbiguousColumn',
          `The record has two values for the column ${key}.`,
        );
      }
      values[index] = value;
    }
    return values;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws RecordRefusal. */
export function textOf(data: Uint8Array): string {
  try {
    return decoder.decode(data);
  } catch (error) {
    throw invalidJson(error);
  }
}

/** Throws RecordRefusal for anything but one JSON object. */
export function parseObject(
  text: string,
  parse: (text: string) => unknown,
): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw invalidJson(error);
  }
  if (isObject(value)) return value;
  throw new RecordRefusal('Iceberg.InvalidJson', 'The record is not a JSON object.');
}

function invalidJson(error: unknown): RecordRefusal {
  const reason = error instanceof Error ? error.message : 'it cannot be parsed';
  return new RecordRefusal('Iceberg.InvalidJson', `The record is not one JSON object in UTF-8: ${reason}`);
}

function hasDecimal(type: IcebergType): boolean {
  return type.kind === 'decimal' || fieldsWithin(type).some((field) => hasDecimal(field.type));
}
