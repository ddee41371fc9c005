import type { DeliveryRecord } from '../destination.ts';
import { IcebergError } from './errors.ts';
import { newColumns } from './infer-columns.ts';
import { fieldJson, type IcebergField } from './schema.ts';

/** How a table is partitioned that is created. */
export interface PartitionColumn {
  readonly name: string;
  readonly transform: 'identity' | 'year' | 'month' | 'day' | 'hour';
}

export interface NewTable {
  readonly partitions: readonly PartitionColumn[];
  /** Without it the catalog chooses. */
  readonly location?: string | undefined;
  readonly properties?: Readonly<Record<string, string>>;
}

/**
 * The definition of a table whose columns are those of the first records; undefined if these have none. Throws
 * IcebergError when a partition is of a column that no record has.
 */
export async function tableDefinition(
  { partitions, location, properties = {} }: NewTable,
  records: readonly Pick<DeliveryRecord, 'data'>[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const fields = await newColumns({ kind: 'struct', fields: [] }, 0, records);
  if (fields.length === 0) return undefined;
  return {
    schema: { type: 'struct', 'schema-id': 0, fields: fields.map(fieldJson) },
    'partition-spec': { 'spec-id': 0, fields: partitions.map((one) => partitionJson(one, fields)) },
    ...(location !== undefined && { location }),
    properties: { 'format-version': '2', ...properties },
  };
}

function partitionJson({ name, transform }: PartitionColumn, fields: readonly IcebergField[]): unknown {
  const source = fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
  if (source === undefined) {
    throw new IcebergError(
      'Iceberg.UnsupportedTable',
      `The table cannot be created: the first records have no value for its partition column ${name}.`,
    );
  }
  const suffix = transform === 'identity' ? '' : `_${transform}`;
  return { 'source-id': source.id, name: `${source.name}${suffix}`, transform };
}
