import type { Column } from '@aws-sdk/client-glue';
import { compact, type Description, undeclaredParts } from '../../declarations/description.ts';
import type { Checked } from '../../protocol/service.ts';
import type { TableRow } from './rows.ts';
import type { TableCatalog } from './table-catalog.ts';

/** All databases with their tables. */
export function describeDatabases(catalog: TableCatalog, accountId: string): Description {
  const all = [...catalog.databases()].map((database) => ({
    database,
    tables: [...catalog.tables(database.name)],
  }));
  return {
    sections: {
      glueDatabases: Object.fromEntries(
        all.map(({ database, tables }) => [
          database.name,
          compact({
            description: database.input.Description,
            tables: Object.fromEntries(tables.map((table) => [table.name, declaredTable(table)])),
          }),
        ]),
      ),
    },
    imports: all.flatMap(({ database, tables }) => [
      { type: 'aws_glue_catalog_database', name: database.name, id: `${accountId}:${database.name}` },
      ...tables.map(({ name }) => ({
        type: 'aws_glue_catalog_table',
        name: `${database.name}_${name}`,
        id: `${accountId}:${database.name}:${name}`,
      })),
    ]),
    undeclared: all.flatMap(({ database }) =>
      undeclaredParts(`glueDatabases.${database.name}`, { 'its tags': database.tags }),
    ),
  };
}

function declaredTable({ input }: TableRow): Record<string, unknown> {
  const { StorageDescriptor: storage, PartitionKeys: partitionKeys = [] } = input;
  return compact({
    columns: typesOf(storage?.Columns ?? []),
    partitionKeys: typesOf(partitionKeys),
    description: input.Description,
    location: storage?.Location,
    parameters: input.Parameters,
  });
}

function typesOf(columns: readonly Checked<Column>[]): Record<string, string> {
  return Object.fromEntries(columns.map(({ Name, Type = '' }) => [Name, Type]));
}
