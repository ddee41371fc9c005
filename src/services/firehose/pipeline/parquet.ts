import type { FormatConfiguration, SchemaSource } from '../../../delivery/formats/configuration.ts';
import type { ConversionThread } from '../../../delivery/formats/conversion-thread.ts';
import { createParquetFormat } from '../../../delivery/formats/parquet-format.ts';
import type { TableSchema, TableSchemas } from '../../glue/table-schemas.ts';
import type { ObjectFormat } from './s3-destination.ts';

export interface ParquetParts {
  readonly schemas: TableSchemas;
  readonly thread: ConversionThread;
}

/**
 * The records as a Parquet file by the columns of a table. Which version of the table holds is decided once for a
 * range, so that all attempts refuse the same records.
 */
export function parquetObjects(
  { schema: source, ...options }: FormatConfiguration,
  { schemas, thread }: ParquetParts,
): ObjectFormat {
  return {
    async decide() {
      const { versionId } = await find(schemas, source, source.versionId);
      return { schemaVersion: versionId };
    },
    async encode(records, decision) {
      const version = String(decision?.['schemaVersion'] ?? source.versionId);
      const { columns } = await find(schemas, source, version);
      return await createParquetFormat({ ...options, columns }, thread).encode(records);
    },
  };
}

/** Throws when the table is not there: the records wait until it is. */
async function find(schemas: TableSchemas, source: SchemaSource, versionId: string): Promise<TableSchema> {
  const { catalogId, databaseName, tableName } = source;
  const schema = await schemas.find({ catalogId, databaseName, tableName, versionId });
  if (schema !== undefined) return schema;
  throw new Error(`the table ${databaseName}.${tableName}, version ${versionId}, does not exist`);
}
