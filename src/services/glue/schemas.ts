import { ServiceError } from '../../errors.ts';
import type { TableCatalog } from './table-catalog.ts';
import type { TableSchemas } from './table-schemas.ts';

/** Implements the contract with the table catalog. */
export function tableSchemas(catalog: TableCatalog, accountId: string): TableSchemas {
  return {
    async find({ catalogId = accountId, databaseName, tableName, versionId }) {
      const row = catalogId === accountId ? catalog.findTable(databaseName, tableName) : undefined;
      if (row === undefined) return undefined;
      try {
        const { version, input } = await catalog.version(row, versionId === 'LATEST' ? undefined : versionId);
        const columns = input.StorageDescriptor?.Columns ?? [];
        return {
          versionId: `${version}`,
          columns: columns.map(({ Name, Type = 'string' }) => ({ name: Name, type: Type })),
        };
      } catch (error) {
        if (error instanceof ServiceError) return undefined;
        throw error;
      }
    },
  };
}
