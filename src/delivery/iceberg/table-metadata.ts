import { IcebergError } from './errors.ts';
import { type PartitionSpec, readPartitionFields } from './partition-spec.ts';
import { type IcebergSchema, readSchema, unsupported } from './schema.ts';

/** The part of https://iceberg.apache.org/spec/#table-metadata that appending needs. */
export interface TableMetadata {
  readonly uuid: string;
  readonly location: string;
  readonly lastSequenceNumber: bigint;
  readonly lastColumnId: number;
  readonly schema: IcebergSchema;
  readonly schemaIds: readonly number[];
  readonly spec: PartitionSpec;
  readonly sortOrderId: number;
  readonly properties: Readonly<Record<string, string>>;
  /** The head of the branch main; undefined if nothing was written yet. */
  readonly current: Snapshot | undefined;
  /** The requested snapshots, including the current one. */
  readonly snapshots: readonly Snapshot[];
}

export interface Snapshot {
  readonly id: bigint;
  readonly timestampMs: number;
  readonly manifestList: string;
  readonly summary: Readonly<Record<string, string>>;
}

interface MetadataJson {
  readonly 'format-version': number;
  readonly 'table-uuid': string;
  readonly location: string;
  readonly 'last-sequence-number'?: number | bigint;
  readonly 'last-column-id': number;
  readonly 'current-schema-id': number;
  readonly schemas: readonly { readonly 'schema-id': number }[];
  readonly 'default-spec-id': number;
  readonly 'partition-specs': readonly { readonly 'spec-id': number; readonly fields: readonly unknown[] }[];
  readonly 'default-sort-order-id'?: number;
  readonly properties?: Readonly<Record<string, string>>;
  readonly 'current-snapshot-id'?: number | bigint | null;
  readonly refs?: Readonly<Record<string, { readonly 'snapshot-id': number | bigint }>>;
  readonly snapshots?: readonly SnapshotJson[];
}

interface SnapshotJson {
  readonly 'snapshot-id': number | bigint;
  readonly 'timestamp-ms': number;
  readonly 'manifest-list'?: string;
  readonly summary?: Readonly<Record<string, string>>;
}

/** Throws IcebergError for tables that cannot be appended to. */
export function readTableMetadata(json: unknown): TableMetadata {
  try {
    return read(json);
  } catch (error) {
    if (error instanceof IcebergError) throw error;
    throw new IcebergError('Iceberg.CatalogUnavailable', "The catalog's table metadata cannot be read.", {
      cause: error,
    });
  }
}

function read(json: unknown): TableMetadata {
  // Missing fields, or fields of another type, throw below.
  const metadata = json as MetadataJson;
  const version = metadata['format-version'];
  if (version !== 2) throw unsupported(`it has format version ${version}; only version 2 is supported`);
  const schemas = metadata.schemas;
  const schema = schemas.find((one) => one['schema-id'] === metadata['current-schema-id']);
  const spec = metadata['partition-specs'].find((one) => one['spec-id'] === metadata['default-spec-id']);
  if (schema === undefined || spec === undefined) throw new Error('there is no current schema or spec');
  const snapshots = (metadata.snapshots ?? []).map(readSnapshot);
  const head = metadata.refs?.['main']?.['snapshot-id'] ?? metadata['current-snapshot-id'] ?? -1;
  const current = snapshots.find(({ id }) => id === BigInt(head));
  if (current === undefined && BigInt(head) !== -1n) throw new Error(`there is no snapshot ${head}`);
  const ready = readSchema(schema);
  return {
    uuid: metadata['table-uuid'],
    location: metadata.location.replace(/\/+$/, ''),
    lastSequenceNumber: BigInt(metadata['last-sequence-number'] ?? 0),
    lastColumnId: metadata['last-column-id'],
    schema: ready,
    schemaIds: schemas.map((one) => one['schema-id']),
    spec: {
      specId: spec['spec-id'],
      fields: readPartitionFields(spec.fields, ready),
      json: spec.fields,
    },
    sortOrderId: metadata['default-sort-order-id'] ?? 0,
    properties: metadata.properties ?? {},
    current,
    snapshots,
  };
}

function readSnapshot(snapshot: SnapshotJson): Snapshot {
  return {
    id: BigInt(snapshot['snapshot-id']),
    timestampMs: snapshot['timestamp-ms'],
    manifestList: snapshot['manifest-list'] ?? '',
    summary: snapshot.summary ?? {},
  };
}
