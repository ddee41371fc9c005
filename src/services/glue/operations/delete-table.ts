import type { DeleteTableRequest, DeleteTableResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog, refuseOptions } from '../request.ts';

/** Deletes a table with all its versions. */
export async function deleteTable(
  context: GlueContext,
  { CatalogId, DatabaseName, Name, TransactionId }: Checked<DeleteTableRequest>,
): Promise<DeleteTableResponse> {
  checkCatalog(context, CatalogId);
  refuseOptions({ TransactionId });
  await context.catalog.deleteTable(DatabaseName, Name);
  return {};
}
