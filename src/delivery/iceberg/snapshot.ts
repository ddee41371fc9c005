import { createHash } from 'node:crypto';
import type { DataFile } from './manifests.ts';
import { outdatedPositions, positionProperty, rangeSummary, type SourceRange } from './positions.ts';
import { partitionPath } from './partition-spec.ts';
import type { Commit } from './rest-catalog.ts';
import { fieldJson, type IcebergField } from './schema.ts';
import type { TableMetadata } from './table-metadata.ts';

/** https://iceberg.apache.org/spec/#snapshots */
export interface NewSnapshot {
  readonly id: bigint;
  readonly parent: bigint | undefined;
  readonly sequenceNumber: bigint;
  readonly timestampMs: number;
}

/** The same range after the same snapshot gives the same id, so that a retry is the same snapshot. */
export function newSnapshot(table: TableMetadata, range: SourceRange, nowMs: number): NewSnapshot {
  const { deliveryId, shardId, firstSequenceNumber, lastSequenceNumber } = range;
  const parent = table.current?.id;
  const source = [table.uuid, parent ?? '', deliveryId, shardId, firstSequenceNumber, lastSequenceNumber];
  const digest = createHash('sha256').update(source.join('\n')).digest();
  return {
    // Ids are positive.
    id: BigInt.asUintN(63, digest.readBigUInt64BE()) | 1n,
    parent,
    sequenceNumber: table.lastSequenceNumber + 1n,
    // Catalogs refuse snapshots that are older than their parents.
    timestampMs: Math.max(nowMs, table.current?.timestampMs ?? 0),
  };
}

/** Adds the snapshot to the branch main and advances the position of the shard, atomically. */
export function appendCommit(
  table: TableMetadata,
  snapshot: NewSnapshot,
  manifestList: string,
  files: readonly DataFile[],
  range: SourceRange,
): Commit {
  const outdated = outdatedPositions(table, range);
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: table.uuid },
      { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': snapshot.parent ?? null },
    ],
    updates: [
      {
        action: 'add-snapshot',
        snapshot: {
          'snapshot-id': snapshot.id,
          ...(snapshot.parent !== undefined && { 'parent-snapshot-id': snapshot.parent }),
          'sequence-number': snapshot.sequenceNumber,
          'timestamp-ms': snapshot.timestampMs,
          'manifest-list': manifestList,
          'schema-id': table.schema.schemaId,
          summary: { operation: 'append', ...rangeSummary(range), ...counts(table, files) },
        },
      },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': snapshot.id },
      { action: 'set-properties', updates: { [positionProperty(range)]: range.lastSequenceNumber } },
      ...(outdated.length === 0 ? [] : [{ action: 'remove-properties', removals: outdated }]),
    ],
  };
}

/** The counts that Iceberg's own libraries write; totals only if the parent snapshot has them. */
function counts(table: TableMetadata, files: readonly DataFile[]): Record<string, string> {
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const partitions = new Set(files.map((file) => partitionPath(table.spec.fields, file.partition))).size;
  const added = { 'data-files': files.length, records, 'files-size': bytes };
  const totals = { ...added, 'delete-files': 0, 'position-deletes': 0, 'equality-deletes': 0 };
  const before = table.current?.summary;
  const total = Object.entries(totals).flatMap(([name, more]) => {
    const parent = before === undefined ? '0' : before[`total-${name}`];
    return parent === undefined ? [] : [[`total-${name}`, `${BigInt(parent) + BigInt(more)}`]];
  });
  return {
    'added-data-files': `${files.length}`,
    'added-records': `${records}`,
    'added-files-size': `${bytes}`,
    'changed-partition-count': `${partitions}`,
    ...Object.fromEntries(total),
  };
}

/** Appends optional columns. */
export function schemaCommit(
  table: TableMetadata,
  columns: readonly IcebergField[],
  lastColumnId: number,
): Commit {
  const { schema } = table;
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: table.uuid },
      { type: 'assert-current-schema-id', 'current-schema-id': schema.schemaId },
      { type: 'assert-last-assigned-field-id', 'last-assigned-field-id': table.lastColumnId },
    ],
    updates: [
      {
        action: 'add-schema',
        schema: {
          type: 'struct',
          'schema-id': Math.max(...table.schemaIds) + 1,
          ...identifierFields(schema.json),
          fields: [...schema.fields, ...columns].map(fieldJson),
        },
        'last-column-id': lastColumnId,
      },
      // -1 stands for the schema that was added last.
      { action: 'set-current-schema', 'schema-id': -1 },
    ],
  };
}

function identifierFields(json: unknown): object {
  const { 'identifier-field-ids': ids } = json as { 'identifier-field-ids'?: readonly number[] };
  return ids === undefined ? {} : { 'identifier-field-ids': ids };
}
