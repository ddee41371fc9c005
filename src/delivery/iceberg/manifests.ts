import { type AvroFile, decodeAvro, encodeAvro } from './avro.ts';
import { bigEndian, type ColumnStats } from './column-stats.ts';
import { stringify } from './exact-json.ts';
import { avroName, manifestEntrySchema, manifestListSchema } from './manifest-schemas.ts';
import { type PartitionField, type PartitionValue, resultType } from './partition-spec.ts';
import { decimalBytes } from './parquet-codec.ts';
import { unsupported } from './schema.ts';
import type { TableMetadata } from './table-metadata.ts';

/** A written data file. */
export interface DataFile {
  readonly path: string;
  readonly partition: readonly PartitionValue[];
  readonly records: number;
  readonly bytes: number;
  readonly stats: readonly ColumnStats[];
}

/** A row of a manifest list, with the names of format version 2. */
export type ManifestFile = Readonly<Record<string, unknown>>;

const ADDED = 1;

/**
 * Writes a manifest that adds data files. Its entries inherit the snapshot and the sequence number from the manifest
 * list, so that the manifest can be reused when a commit is retried after a conflict.
 */
export async function encodeManifest(
  { schema, spec, sortOrderId }: Pick<TableMetadata, 'schema' | 'spec' | 'sortOrderId'>,
  files: readonly DataFile[],
): Promise<Buffer> {
  const entrySchema = manifestEntrySchema(spec.fields);
  const metadata = {
    schema: stringify(schema.json),
    'schema-id': `${schema.schemaId}`,
    'partition-spec': JSON.stringify(spec.json),
    'partition-spec-id': `${spec.specId}`,
    'format-version': '2',
    content: 'data',
  };
  return await encodeAvro(
    entrySchema,
    metadata,
    files.map((file) => ({
      status: ADDED,
      snapshot_id: null,
      sequence_number: null,
      file_sequence_number: null,
      data_file: {
        content: 0,
        file_path: file.path,
        file_format: 'PARQUET',
        partition: Object.fromEntries(
          spec.fields.map((field, index) => [
            avroName(field.name),
            partitionDatum(field, file.partition[index]),
          ]),
        ),
        record_count: BigInt(file.records),
        file_size_in_bytes: BigInt(file.bytes),
        value_counts: file.stats.map(({ fieldId, values }) => ({ key: fieldId, value: BigInt(values) })),
        null_value_counts: file.stats.map(({ fieldId, nulls }) => ({ key: fieldId, value: BigInt(nulls) })),
        lower_bounds: file.stats.flatMap(({ fieldId, lower }) =>
          lower ? [{ key: fieldId, value: lower }] : [],
        ),
        upper_bounds: file.stats.flatMap(({ fieldId, upper }) =>
          upper ? [{ key: fieldId, value: upper }] : [],
        ),
        sort_order_id: sortOrderId === 0 ? 0 : null,
      },
    })),
  );
}

/** Converts a value to the form that avsc expects for the field's type. */
function partitionDatum(field: PartitionField, value: PartitionValue | undefined): unknown {
  if (value === null || value === undefined) return null;
  const type = resultType(field);
  if (type.kind !== 'decimal' || typeof value !== 'bigint') return value;
  return bigEndian(value, decimalBytes(type.precision));
}

/** The new manifest's row in the manifest list. */
export function addedManifest(
  { spec }: Pick<TableMetadata, 'spec'>,
  manifest: { readonly path: string; readonly bytes: number },
  files: readonly DataFile[],
  snapshot: { readonly id: bigint; readonly sequenceNumber: bigint },
): ManifestFile {
  return {
    manifest_path: manifest.path,
    manifest_length: BigInt(manifest.bytes),
    partition_spec_id: spec.specId,
    content: 0,
    sequence_number: snapshot.sequenceNumber,
    min_sequence_number: snapshot.sequenceNumber,
    added_snapshot_id: snapshot.id,
    added_files_count: files.length,
    existing_files_count: 0,
    deleted_files_count: 0,
    added_rows_count: files.reduce((sum, { records }) => sum + BigInt(records), 0n),
    existing_rows_count: 0n,
    deleted_rows_count: 0n,
    // Null makes readers use the partitions of the files.
    partitions: null,
    key_metadata: null,
  };
}

export async function encodeManifestList(
  manifests: readonly ManifestFile[],
  snapshot: { readonly id: bigint; readonly parent: bigint | undefined; readonly sequenceNumber: bigint },
): Promise<Buffer> {
  const metadata = {
    'snapshot-id': `${snapshot.id}`,
    'parent-snapshot-id': `${snapshot.parent ?? 'null'}`,
    'sequence-number': `${snapshot.sequenceNumber}`,
    'format-version': '2',
  };
  return await encodeAvro(manifestListSchema, metadata, manifests);
}

/** Reads the manifests of a snapshot, whichever library wrote the list. Throws IcebergError for unsupported lists. */
export async function readManifestList(bytes: Buffer): Promise<ManifestFile[]> {
  let file: AvroFile;
  try {
    file = await decodeAvro(bytes);
  } catch (error) {
    throw unsupported(`its manifest list cannot be read (${error instanceof Error ? error.message : ''})`);
  }
  // Read fields by id: writers use different names, such as added_data_files_count.
  const { fields } = file.schema as { fields: { name: string; 'field-id': number }[] };
  const names = new Map(fields.map((field) => [field['field-id'], field.name]));
  return file.records.map((record) => {
    const valueOf = (id: number): unknown => record[names.get(id) ?? ''];
    return Object.fromEntries(
      manifestListSchema.fields.map(({ name, 'field-id': id }) => [name, valueOf(id) ?? absent(name, id)]),
    );
  });
}

/** Default for fields that lists of version 1 do not have. */
function absent(name: string, id: number): unknown {
  switch (name) {
    case 'partitions':
    case 'key_metadata':
      return null;
    case 'content':
      return 0;
    case 'sequence_number':
    case 'min_sequence_number':
      return 0n;
    default:
      throw unsupported(`its manifest list lacks ${name} (${id})`);
  }
}
