import type { CreateTableRequest, CreateTableResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { checkCatalog, refuseOptions } from '../request.ts';
import { storedName } from '../rows.ts';
import { checkTableInput } from '../table-input.ts';

/**
 * Creates a table, with version 0. Partition indexes, transactions, Iceberg metadata, views of several dialects and
 * links to other tables are refused by name.
 */
export async function createTable(
  context: GlueContext,
  input: Checked<CreateTableRequest>,
): Promise<CreateTableResponse> {
  const { CatalogId, DatabaseName, TableInput: table, PartitionIndexes = [] } = input;
  checkCatalog(context, CatalogId);
  const { TransactionId, OpenTableFormatInput } = input;
  refuseOptions({ TransactionId, OpenTableFormatInput });
  if (PartitionIndexes.length > 0) refuseOptions({ PartitionIndexes });
  if (table === undefined) throw invalidInput('TableInput must be given.');
  if (input.Name !== undefined && storedName(input.Name) !== storedName(table.Name)) {
    throw invalidInput('Name and TableInput.Name differ.');
  }
  checkTableInput(table);
  await context.catalog.createTable(DatabaseName, table);
  return {};
}
