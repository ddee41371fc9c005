import type { Table, TableAttributes } from '@aws-sdk/client-glue';
import type { GlueContext } from './context.ts';
import type { TableRow } from './rows.ts';

/** A table as GetTable returns it. */
export function tableOutput({ accountId }: GlueContext, row: TableRow): Table {
  return {
    ...row.input,
    Name: row.name,
    DatabaseName: row.databaseName,
    CreateTime: new Date(row.createdMs),
    UpdateTime: new Date(row.updatedMs),
    ...(row.lastAccessMs !== undefined && { LastAccessTime: new Date(row.lastAccessMs) }),
    ...(row.lastAnalyzedMs !== undefined && { LastAnalyzedTime: new Date(row.lastAnalyzedMs) }),
    Retention: row.input.Retention ?? 0,
    IsRegisteredWithLakeFormation: false,
    CatalogId: accountId,
    VersionId: `${row.version}`,
  };
}

/** Keeps only the requested attributes. */
export function tableAttributes(table: Table, attributes: readonly TableAttributes[] | undefined): Table {
  if (attributes === undefined || attributes.includes('DEFAULT')) return table;
  const { Name, TableType } = table;
  return attributes.includes('TABLE_TYPE') && TableType !== undefined ? { Name, TableType } : { Name };
}
