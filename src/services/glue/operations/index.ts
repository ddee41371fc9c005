import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { GlueContext } from '../context.ts';
import { batchDeleteTableVersion } from './batch-delete-table-version.ts';
import { batchDeleteTable } from './batch-delete-table.ts';
import { createDatabase } from './create-database.ts';
import { createTable } from './create-table.ts';
import { deleteDatabase } from './delete-database.ts';
import { deleteTableVersion } from './delete-table-version.ts';
import { deleteTable } from './delete-table.ts';
import { getDatabase } from './get-database.ts';
import { getDatabases } from './get-databases.ts';
import { getPartitionIndexes } from './get-partition-indexes.ts';
import { getTableVersion } from './get-table-version.ts';
import { getTableVersions } from './get-table-versions.ts';
import { getTable } from './get-table.ts';
import { getTables } from './get-tables.ts';
import { getTags } from './get-tags.ts';
import { tagResource } from './tag-resource.ts';
import { untagResource } from './untag-resource.ts';
import { updateDatabase } from './update-database.ts';
import { updateTable } from './update-table.ts';

type OperationName = keyof typeof api.operations;

/** What a machine answers that follows the owner of a shared log. */
export const reads = {
  GetDatabase: getDatabase,
  GetDatabases: getDatabases,
  GetPartitionIndexes: getPartitionIndexes,
  GetTableVersion: getTableVersion,
  GetTableVersions: getTableVersions,
  GetTable: getTable,
  GetTables: getTables,
  GetTags: getTags,
} satisfies Partial<OperationTable<GlueContext, OperationName>>;

/** Operations of Glue: databases, tables and versions; the ones nagare does not have are in unsupported.json. */
export const operations = {
  BatchDeleteTableVersion: batchDeleteTableVersion,
  BatchDeleteTable: batchDeleteTable,
  CreateDatabase: createDatabase,
  CreateTable: createTable,
  DeleteDatabase: deleteDatabase,
  DeleteTableVersion: deleteTableVersion,
  DeleteTable: deleteTable,
  ...reads,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateDatabase: updateDatabase,
  UpdateTable: updateTable,
} satisfies OperationTable<GlueContext, OperationName>;
