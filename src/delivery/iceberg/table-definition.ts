import type { DeliveryRecord } from '../destination.ts';
import { RecordRefusal } from './errors.ts';
import { newColumns } from './infer-columns.ts';
import { fieldJson } from './schema.ts';

/** The partitioning of a created table. */
export interface PartitionColumn {
  readonly name: string;
  readonly transform: 'identity' | 'year' | 'month' | 'day' | 'hour';
}

export interface NewTable {
  readonly partitions: readonly PartitionColumn[];
  /** The table's location. If absent, the catalog chooses it. */
  readonly location?: string | undefined;
  readonly properties?: Readonly<Record<string, string>>;
}

/**
 * Defines a table with the columns of the first records, or returns why that is not possible. A column with a time
 * partition is a timestamptz.
 */
export async function tableDefinition(
  { partitions, location, properties = {} }: NewTable,
  records: readonly Pick<DeliveryRecord, 'data'>[],
): Promise<TableDefinition | RecordRefusal> {
  const inferred = await newColumns({ kind: 'struct', fields: [] }, 0, records);
  if (inferred.length === 0) {
    return new RecordRefusal(
      'Iceberg.MissingColumnWithinRecord',
      'The table does not exist, and no record has a value from which a column can be inferred.',
    );
  }
  const sourceOf = (name: string) =>
    inferred.find((field) => field.name.toLowerCase() === name.toLowerCase())?.id;
  const missing = partitions.find(({ name }) => sourceOf(name) === undefined);
  if (missing !== undefined) {
    return new RecordRefusal(
      'Iceberg.MissingColumnWithinRecord',
      `The table does not exist, and no record has a value for its partition column ${missing.name}.`,
    );
  }
  const byTime = partitions.filter(({ transform }) => transform !== 'identity');
  const times = new Set(byTime.map(({ name }) => sourceOf(name)));
  const fields = inferred.map((field) =>
    times.has(field.id) ? { ...field, type: { kind: 'timestamptz' as const } } : field,
  );
  const spec = partitions.map(({ name, transform }) => ({
    'source-id': sourceOf(name),
    name: transform === 'identity' ? name : `${name}_${transform}`,
    transform,
  }));
  return {
    schema: { type: 'struct', 'schema-id': 0, fields: fields.map(fieldJson) },
    'partition-spec': { 'spec-id': 0, fields: spec },
    ...(location !== undefined && { location }),
    properties: { 'format-version': '2', ...properties },
  };
}

/** Converts the definition to the form of the REST API. */
export type TableDefinition = Readonly<Record<string, unknown>>;
