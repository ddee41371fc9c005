import type { UpdateDatabaseRequest, UpdateDatabaseResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkDatabaseInput } from '../database-input.ts';
import { unsupportedOption } from '../errors.ts';
import { checkCatalog } from '../request.ts';
import { storedName } from '../rows.ts';

/** Replaces a database's description and properties; its tables stay. A new name is refused. */
export async function updateDatabase(
  context: GlueContext,
  { CatalogId, Name, DatabaseInput: input }: Checked<UpdateDatabaseRequest>,
): Promise<UpdateDatabaseResponse> {
  checkCatalog(context, CatalogId);
  checkDatabaseInput(input);
  context.catalog.database(Name);
  if (storedName(input.Name) !== storedName(Name)) throw unsupportedOption('renaming a database');
  await context.catalog.updateDatabase(Name, (row) => ({ ...row, input }));
  return {};
}
