import type { UpdateTableRequest, UpdateTableResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { checkCatalog, refuseOptions } from '../request.ts';
import { storedName } from '../rows.ts';
import { checkTableInput } from '../table-input.ts';

/**
 * Replaces a table by a new version; the previous one is stored unless SkipArchive is given. With VersionId it fails
 * with ConcurrentModificationException unless that is the latest version.
 */
export async function updateTable(
  context: GlueContext,
  input: Checked<UpdateTableRequest>,
): Promise<UpdateTableResponse> {
  const { CatalogId, DatabaseName, TableInput: table, SkipArchive: skipArchive = false, Force } = input;
  const { TransactionId, ViewUpdateAction, UpdateOpenTableFormatInput } = input;
  checkCatalog(context, CatalogId);
  refuseOptions({ TransactionId, ViewUpdateAction, UpdateOpenTableFormatInput });
  if (Force === true) refuseOptions({ Force });
  if (table === undefined) throw invalidInput('TableInput must be given.');
  if (input.Name !== undefined && storedName(input.Name) !== storedName(table.Name)) {
    throw invalidInput('Name and TableInput.Name differ.');
  }
  checkTableInput(table);
  await context.catalog.updateTable(DatabaseName, table, { expectedVersion: input.VersionId, skipArchive });
  return {};
}
