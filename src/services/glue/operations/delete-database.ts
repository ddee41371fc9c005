import type { DeleteDatabaseRequest, DeleteDatabaseResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog } from '../request.ts';

/** Deletes a database with its tables and their versions, all in one step. */
export async function deleteDatabase(
  context: GlueContext,
  { CatalogId, Name }: Checked<DeleteDatabaseRequest>,
): Promise<DeleteDatabaseResponse> {
  checkCatalog(context, CatalogId);
  await context.catalog.deleteDatabase(Name);
  return {};
}
