import type { ColumnValue } from './convert.ts';
import {
  type PartitionField,
  type PartitionSpec,
  type PartitionValue,
  transformed,
} from './partition-spec.ts';
import type { IcebergSchema } from './schema.ts';

/** The rows of one partition, by columns. */
export interface Partition {
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
