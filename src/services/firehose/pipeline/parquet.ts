import { parseArn } from '../../../aws/arn.ts';
import { DeliveryConfigurationError } from '../../../delivery/configuration-error.ts';
import type { FormatConfiguration, SchemaSource } from '../../../delivery/formats/configuration.ts';
import type { ConversionThread } from '../../../delivery/formats/conversion-thread.ts';
import { parseColumns } from '../../../delivery/formats/hive-type.ts';
import { createParquetFormat } from '../../../delivery/formats/parquet-format.ts';
import type { TableSchema, TableSchemas } from '../../glue/table-schemas.ts';
import type { StoredDestination } from '../configuration/destination.ts';
import { formatOf } from '../configuration/parts.ts';
import { invalidArgument } from '../errors.ts';
import type { ObjectFormat } from './s3-destination.ts';

export interface ParquetParts {
  readonly schemas: TableSchemas;
  readonly thread: ConversionThread;
}

/**
 * Converts records to a Parquet file with the columns of a table. The table's version is fixed once for each range, so
 * that all attempts refuse the same records.
 */
export function parquetObjects(
  { schema: source, ...options }: FormatConfiguration,
  { schemas, thread }: ParquetParts,
): ObjectFormat {
  return {
    async decide() {
      const { versionId } = await find(schemas, source);
      return { schemaVersion: versionId };
    },
    async encode(records, decision) {
      const { columns } = await decidedSchema(schemas, source, decision?.['schemaVersion']);
      return await createParquetFormat({ ...options, columns }, thread).encode(records);
    },
  };
}

/**
 * Throws InvalidArgumentException if the table of a conversion does not exist, or has columns that cannot be written as
 * Parquet.
 */
export async function checkTable(
  { kind, settings }: StoredDestination,
  { schemas }: Pick<ParquetParts, 'schemas'>,
): Promise<void> {
  const source = kind === 'S3' ? formatOf(settings)?.schema : undefined;
  if (source === undefined) return;
  const { databaseName, tableName, versionId } = source;
  const schema = await schemas.find(source);
  if (schema === undefined) {
    throw invalidArgument(
      `The schema of the table ${databaseName}.${tableName}, version ${versionId}, cannot be read: EntityNotFoundException: the database, the table or its version does not exist.`,
    );
  }
  try {
    parseColumns(schema.columns);
  } catch (error) {
    if (error instanceof DeliveryConfigurationError) throw invalidArgument(error.message);
    throw error;
  }
}

/** The table in the form of error objects. */
export function dataCatalogTable(source: SchemaSource, deliveryStreamArn: string): object {
  const { region: ownRegion = '', accountId = '' } = parseArn(deliveryStreamArn) ?? {};
  const { catalogId = accountId, databaseName, tableName, region = ownRegion, versionId, roleArn } = source;
  const catalogArn = `arn:aws:glue:${region}:${catalogId}:catalog`;
  return { catalogId, databaseName, tableName, region, versionId, roleArn, catalogArn };
}

/**
 * Returns the fixed version, or the latest one if the fixed version has been deleted or was replaced without being
 * archived: records must not wait for a version that is gone.
 */
async function decidedSchema(
  schemas: TableSchemas,
  source: SchemaSource,
  decided: unknown,
): Promise<TableSchema> {
  if (typeof decided === 'string') {
    const schema = await schemas.find({ ...source, versionId: decided });
    if (schema !== undefined) return schema;
  }
  return await find(schemas, source);
}

/** Throws if the table does not exist. The records then wait until it does. */
async function find(schemas: TableSchemas, source: SchemaSource): Promise<TableSchema> {
  const schema = await schemas.find(source);
  if (schema !== undefined) return schema;
  const { databaseName, tableName, versionId } = source;
  throw new Error(`the table ${databaseName}.${tableName}, version ${versionId}, does not exist`);
}
